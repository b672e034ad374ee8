// The number of an attempt travels with the request, so that a retry is not retried again at the next hop: three hops with two retries
// each would make twenty-seven requests of one just when the last hop is weakest.

/** The header: 1 for a first attempt, 2 and up for a retry at this hop or any before it. */
export const ATTEMPT_HEADER = "x-flyball-attempt";

const HIGHEST = 99;

/** The number that a request came with; 1 when it has none or nonsense. */
export function readAttempt(value: string | undefined): number {
  return value !== undefined && /^[1-9]\d?$/.test(value) ? Number(value) : 1;
}

/** The number that goes upstream: `attempts` were made here before this one. */
export function outgoingAttempt(incoming: number, attempts: number): number {
  return Math.min(HIGHEST, incoming + attempts);
}

/** Retries of sent attempts that this hop may make: none of a request that is a retry itself. What was not sent may always go again. */
export function allowedRetries(incoming: number, retries: number): number {
  return incoming > 1 ? 0 : retries;
}
