// Where a model call goes after an attempt that brought its client nothing: another instance of the same backend, the next backend,
// or nowhere. Before the commit point every such move is allowed (design §6); what bounds it is the time, the attempts of a backend,
// its pool's retry budget, and the list of backends.

/** What is known when an attempt has failed before the commit point. */
export interface FailoverInput {
  readonly isInTime: boolean;
  /** A byte of the request was written upstream. */
  readonly wasSent: boolean;
  /**
   * How it failed: its connection was lost, its time was up, or the backend answered with an error. After an answer, asking the same
   * instance again at once will not help.
   */
  readonly failure: "lost" | "timeout" | "answered";
  /** The pool has a serving instance that this call has not tried. */
  readonly isAnotherEndpointLeft: boolean;
  readonly isLastBackend: boolean;
  /** Attempts at this backend that sent something, this one included. */
  readonly attemptsSent: number;
  /** Further attempts that the pool allows after the first. */
  readonly retriesAllowed: number;
  /**
   * Takes one retry from the pool's budget. Asked only when everything else allows another attempt at this backend, and not for the
   * first lost connection of a call (see `decide-retry.ts`).
   */
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
  if (!input.isAnotherEndpointLeft && (!input.isLastBackend || input.failure === "answered")) return false;
  if (!input.wasSent) return true;
  if (input.attemptsSent > input.retriesAllowed) return false;
  const isFirstLoss = input.failure === "lost" && input.attemptsSent === 1;
  return isFirstLoss || input.takeBudget();
}
