// How an error goes over the keeper's socket and comes back as the same error.
import { ERROR_TABLE, FlyballError, isFlyballError, type ErrorCode, type ErrorDetails } from "@flyball/core";

/** An error on the wire. */
export interface KeeperFailure {
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** Puts an error on the wire; anything but a FlyballError becomes FB_KEEPER_FAILED. */
export function toKeeperFailure(method: string, error: unknown): KeeperFailure {
  const { code, message, details } = isFlyballError(error)
    ? error
    : keeperFailed(method, error instanceof Error ? error.message : String(error));
  return { code, message, details };
}

/** Takes an error off the wire; a code that this program does not know becomes FB_KEEPER_FAILED. */
export function fromKeeperFailure(method: string, failure: KeeperFailure): FlyballError {
  if (Object.hasOwn(ERROR_TABLE, failure.code)) return new FlyballError(failure.code as ErrorCode, failure.details);
  return keeperFailed(method, `${failure.code}: ${failure.message}`);
}

/** FB_KEEPER_FAILED for a method. */
export function keeperFailed(method: string, reason: string): FlyballError {
  return new FlyballError("FB_KEEPER_FAILED", { method, reason });
}
