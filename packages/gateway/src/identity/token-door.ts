// The tokens of one issuer at one worker: each is verified once and then known until it ends. Signatures are checked by Node's thread pool,
// so a request with a known token costs a look-up and one with a new token holds up nobody else.
import type { Clock, JwtPolicy } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { FetchDocument } from "./find-key-set.ts";
import { createKeySet } from "./key-set.ts";
import { verifyToken, type VerifiedToken } from "./verify-token.ts";

/** Known tokens; with a further one the oldest is forgotten and would be verified again. */
const MAX_KNOWN = 4_096;
/** Tokens that are being verified; a further one is answered "unavailable", so that a flood of tokens cannot fill memory. */
const MAX_CHECKING = 512;

/** What a token turned out to be. */
export type TokenVerdict = VerifiedToken | "unknown" | "unavailable";

/** The door. */
export interface TokenDoor {
  /** A verdict that is known already. */
  known(token: string): VerifiedToken | undefined;
  /** Verifies; the same token asked for several times at once is verified once. */
  check(token: string): Promise<TokenVerdict>;
  /** Fetches nothing more. Idempotent. */
  dispose(): void;
}

/** What it needs. */
export interface TokenDoorOptions {
  readonly policy: JwtPolicy;
  readonly fetchDocument: FetchDocument;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Creates it; the issuer's keys are fetched at once. */
export function createTokenDoor({ policy, clock, ...options }: TokenDoorOptions): TokenDoor {
  const tokens = new Map<string, VerifiedToken>();
  const checking = new Map<string, Promise<TokenVerdict>>();
  let epoch = 0;
  const keySet = createKeySet({
    policy,
    clock,
    ...options,
    onChange() {
      epoch += 1;
      tokens.clear();
    },
  });
  const verify = async (token: string): Promise<TokenVerdict> => {
    for (;;) {
      const begunIn = epoch;
      const verdict = await verifyToken(token, { policy, keySet, now: clock.now() });
      if (typeof verdict === "string") return verdict;
      // Keys that came meanwhile may not have the one that it was verified with.
      if (epoch !== begunIn) continue;
      remember(tokens, token, verdict);
      return verdict;
    }
  };
  return {
    known(token) {
      const verified = tokens.get(token);
      if (!verified || clock.now() < verified.expiresAt) return verified;
      tokens.delete(token);
      return undefined;
    },
    check(token) {
      const running = checking.get(token);
      if (running) return running;
      if (checking.size >= MAX_CHECKING) return Promise.resolve("unavailable");
      const started = verify(token).finally(() => checking.delete(token));
      checking.set(token, started);
      return started;
    },
    dispose: () => keySet.dispose(),
  };
}

function remember(tokens: Map<string, VerifiedToken>, token: string, verified: VerifiedToken): void {
  if (tokens.size >= MAX_KNOWN) tokens.delete(tokens.keys().next().value as string);
  tokens.set(token, verified);
}
