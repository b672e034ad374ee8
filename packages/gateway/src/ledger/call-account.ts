// What one call owes: its reservations, its attempts with what each used, and its one settlement. Plain records without behaviour; the
// functions of `call-ledger.ts` work on them. No closure stands on them, because the engine pays for closures on objects that live as
// long as a call.
import type { AttemptOutcome, LedgerOutcome, TokenUsage } from "@flyball/core";
import type { Price } from "@flyball/traffic";
import type { AskedLease } from "../limits/lease/take-lease.ts";
import type { AccountLimit, CallParty } from "./call-party.ts";
import type { CallTarget } from "./call-target.ts";

/** What is known of a call when its limits are reserved. */
export interface CallStart {
  /** As the client knows it; other calls may have the same. */
  readonly requestId: string;
  /** Wall milliseconds at which it was taken. */
  readonly time: number;
  readonly party: CallParty;
  /** Bytes of the prompt's text, for the estimate of what no provider counts. */
  readonly inputBytes: number;
  /** The prompt is text alone; of another one the most stands in for what no provider counts. */
  readonly isInputText: boolean;
  /** The prompt has at most so many tokens. */
  readonly inputTokens: number;
  /** The answer is text; of another one the most stands in for what no provider counts. */
  readonly isOutputText: boolean;
  /** The answer has at most so many; undefined: nobody set a bound, a stream is cut when its limits are spent. */
  readonly outputTokens: number | undefined;
  /** Of each backend that may be tried. */
  readonly prices: readonly Price[];
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  /** The backend took the call: a status below 400, or no status although the whole request was sent. What it used is estimated when it reports nothing. */
  readonly isWorkDone: boolean;
  /** The answer came to its end, so what was reported last is the whole of it. Before that a report may be of a beginning. */
  readonly isWhole: boolean;
}

/** How a call ended. */
export interface CallEnd {
  readonly outcome: LedgerOutcome;
  /** What the client got; 0 when it was gone before. */
  readonly status: number;
  readonly ttftMs: number | undefined;
  readonly isResumed: boolean;
  readonly isHedged: boolean;
  readonly isCached: boolean;
}

/** One attempt of a call. */
export interface AttemptAccount {
  readonly call: CallAccount;
  readonly target: CallTarget;
  /** Wall milliseconds. */
  readonly startedAt: number;
  /** Of the backend's limits; -1 when it has none. */
  readonly reservation: number;
  /** Amounts of the backend's limits: reserved while it runs, used once it has ended. */
  readonly amounts: number[];
  /** The backend was told the bound that is reserved; without one the reservation grows with the answer. */
  readonly isBounded: boolean;
  /** What the model wrote, as far as it was delivered; without the frames around it. */
  contentBytes: number;
  /** As reported; the newest report stands. */
  reported: TokenUsage | undefined;
  /** What had been delivered before it. */
  bytesAtReport: number;
  /** undefined while it runs. */
  outcome: AttemptOutcome | undefined;
  usage: TokenUsage;
  isEstimated: boolean;
  endedAt: number;
}

/** One call. Read it, but leave writing to the ledger. */
export interface CallAccount {
  readonly start: CallStart;
  /** The ledger's own: unlike the request's, no other call ever has it. Made of characters that JSON leaves as they are. */
  readonly id: string;
  /** The request's id as JSON. */
  readonly requestJson: string;
  /** Wall milliseconds. */
  readonly reservedAt: number;
  /** -1: it has no limits. */
  readonly reservation: number;
  /** Reserved amounts in the order of the party's limits. */
  readonly reserved: number[];
  /** Output tokens that the reservation covers. */
  outputTokens: number;
  attempts: readonly AttemptAccount[];
  isSettled: boolean;
}

/** What became of a call's reservation. */
export type OpenOutcome =
  | { readonly kind: "opened"; readonly account: CallAccount }
  /**
   * `retryAfterMs` is Infinity when waiting does not help; `asked`: leases that may be here in a moment, and then it may fit; `isStoreAway`:
   * its policy is to refuse while its store is away.
   */
  | {
      readonly kind: "refused";
      readonly limit: AccountLimit;
      /** What was to be reserved of it, in its unit. */
      readonly amount: number;
      readonly retryAfterMs: number;
      readonly asked: readonly AskedLease[];
      readonly isStoreAway: boolean;
    }
  /** This worker holds as many reservations as it can. */
  | { readonly kind: "full" }
  /** A budget cannot be kept, because a backend's price is unknown: the manifest has to name it. */
  | { readonly kind: "unpriced"; readonly limit: AccountLimit }
  /** A budget cannot be kept, because nothing can be written down. */
  | { readonly kind: "journal-full"; readonly limit: AccountLimit };

/** What became of the start of an attempt. */
export type AttemptOutcomeAtStart =
  | { readonly kind: "started"; readonly attempt: AttemptAccount }
  | Exclude<OpenOutcome, { kind: "opened" }>;
