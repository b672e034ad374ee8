// Where a model call goes after an attempt that brought its client nothing: another instance of the same backend, the next backend,
// or nowhere. Before the commit point every such move is allowed (design §6); what bounds it is the time, the attempts of a backend,
// its pool's retry budget, and the list of backends.

/** What is known when an attempt has failed before the commit point. */
export interface FailoverInput {
  readonly isInTime: boolean;
  /** A byte of the request was written upstream. */
  readonly wasSent: boolean;
  /** The backend answered with an error: asking the same instance again at once will not help. */
  readonly wasAnswered: boolean;
  /** The pool has a serving instance that this call has not tried. */
  readonly isAnotherEndpointLeft: boolean;
  readonly isLastBackend: boolean;
  /** Attempts at this backend that sent something, this one included. */
  readonly attemptsSent: number;
  /** Further attempts that the pool allows after the first. */
  readonly retriesAllowed: number;
  /** Takes one retry from the pool's budget. Asked only when everything else allows another attempt at this backend. */
  readonly takeBudget: () => boolean;
}

/** Decides after a failed attempt. */
export function decideFailover(input: FailoverInput): "same-backend" | "next-backend" | "give-up" {
  if (!input.isInTime) return "give-up";
  if (mayStay(input)) return "same-backend";
  return input.isLastBackend ? "give-up" : "next-backend";
}

function mayStay(input: FailoverInput): boolean {
  // The instance that failed gets the call once more only when there is nobody else and it did not answer no.
  if (!input.isAnotherEndpointLeft && (!input.isLastBackend || input.wasAnswered)) return false;
  if (!input.wasSent) return true;
  return input.attemptsSent <= input.retriesAllowed && input.takeBudget();
}
