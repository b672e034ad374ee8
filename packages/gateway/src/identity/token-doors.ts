// The door of a worker for tokens, over snapshots: as long as the manifest's policy is the same, so is the door with all that it knows. What
// reads tokens takes 50 ms and 15 MB to load, so a worker that takes none never loads it.
import { canonicalJson, type JwtPolicy } from "@flyball/core";
import type { TokenDoor, TokenDoorOptions } from "./token-door.ts";

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
      current = policy === undefined ? undefined : { content, door: openDoor({ policy, ...options }) };
      return current?.door;
    },
  };
}

/** A door at once; what it needs is loaded meanwhile, and tokens wait for that. */
function openDoor(options: TokenDoorOptions): TokenDoor {
  let door: TokenDoor | undefined;
  let isDisposed = false;
  const opening = import("./token-door.ts").then(
    ({ createTokenDoor }) => {
      if (!isDisposed) door = createTokenDoor(options);
    },
    (error: unknown) => options.logger.error("tokens cannot be read", { error }),
  );
  return {
    known: (token) => door?.known(token),
    async check(token) {
      await opening;
      return door ? await door.check(token) : "unavailable";
    },
    dispose() {
      isDisposed = true;
      door?.dispose();
    },
  };
}
