// The door of a worker for tokens, over snapshots: as long as the manifest's policy is the same, so is the door with all that it knows.
import { canonicalJson, type JwtPolicy } from "@flyball/core";
import { createTokenDoor, type TokenDoor, type TokenDoorOptions } from "./token-door.ts";

/** The doors of a worker. */
export interface TokenDoors {
  /** The door for a policy; the one before is closed when the policy is another. */
  use(policy: JwtPolicy | undefined): TokenDoor | undefined;
}

/** Has no door yet. */
export function createTokenDoors(options: Omit<TokenDoorOptions, "policy">): TokenDoors {
  let current: { readonly content: string; readonly door: TokenDoor } | undefined;
  return {
    use(policy) {
      const content = policy === undefined ? "" : canonicalJson(policy);
      if (current?.content === content) return current.door;
      current?.door.dispose();
      current = policy === undefined ? undefined : { content, door: createTokenDoor({ policy, ...options }) };
      return current?.door;
    },
  };
}
