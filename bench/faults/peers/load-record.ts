// One request of the load, as the clients saw it. Times are wall milliseconds of this machine.

/** A request. */
export interface LoadRecord {
  /** When it was due, whatever became of the ones before. */
  readonly dueAt: number;
  /** From then to the last byte of the answer, or to its failure. */
  readonly tookMs: number;
  /** A status, or the code of an error; `TIMEOUT` after the clients' limit. */
  readonly outcome: string;
  /** The replica that answered; empty: nobody. */
  readonly by: string;
}

/** The clients give a request up after this long. */
export const CLIENT_LIMIT_MS = 5_000;
