// What the ledger keeps of one model call: who asked, who answered, what was used and what it cost. Written once, when the call ends,
// by the gateway; imported by control. It never holds text of a prompt or an answer.
import type { AttemptOutcome } from "./signal.ts";
import type { TokenUsage } from "./token-usage.ts";

/**
 * How a call ended. answered: the whole answer went out. cut: the client got a part and an error. cancelled: the client left.
 * failed: an error answer, no backend could do it. refused: a limit or a policy said no after something was used. lost: the gateway
 * died with it; what was used is not known and stands at what was reserved. shed: more calls came than the backends can do. limit-late: the
 * store of limits did not say in time whether one of them has room.
 */
export type LedgerOutcome = "answered" | "cut" | "cancelled" | "failed" | "refused" | "lost" | "shed" | "limit-late";

/** Why a usage is an estimate. */
export type EstimateReason = "not-reported" | "lost";

/**
 * Millionths of each currency, rounded up once per call and currency. `isUnknown`: some of the tokens have no known price; the amounts
 * are then what is known of the cost, and zero does not mean that the call was free.
 */
export interface LedgerCost {
  readonly usd: number;
  readonly cny: number;
  readonly isUnknown: boolean;
}

/** One attempt. One that failed after tokens were used counts as well. */
export interface LedgerAttempt {
  readonly backend: string;
  /** `""` for a service of the app. */
  readonly provider: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly outcome: AttemptOutcome;
  readonly usage: TokenUsage;
  readonly isEstimated: boolean;
  /** Id of the entry of the price table; undefined: unknown, or nothing to pay because the model is the app's own. */
  readonly priceId: string | undefined;
  /** Wall milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
}

/** One call, as it is kept. */
export interface LedgerRecord {
  /** The ledger's own: no other call ever has it, on any gateway; ids of later calls sort behind. */
  readonly id: string;
  /** As the client knows it, and perhaps gave it (`x-request-id`); other calls may have the same. */
  readonly requestId: string;
  /** Wall milliseconds at which the call was taken. */
  readonly time: number;
  readonly app: string;
  /** Id of the key; `""` where none was asked for. */
  readonly key: string;
  readonly tenant: string;
  readonly route: string;
  /** The alias that the client named. */
  readonly model: string;
  /** Of the attempt that answered, else of the last one; `""` when none was made. */
  readonly backend: string;
  readonly provider: string;
  readonly providerModel: string;
  readonly attempts: readonly LedgerAttempt[];
  /** Sum over the attempts. */
  readonly usage: TokenUsage;
  /** Some of the usage is an estimate. */
  readonly isEstimated: boolean;
  readonly estimateReason: EstimateReason | undefined;
  readonly cost: LedgerCost;
  /** What the client got; 0 when it was gone before. */
  readonly status: number;
  readonly outcome: LedgerOutcome;
  /** Until the first content; undefined: there was none. */
  readonly ttftMs: number | undefined;
  readonly durationMs: number;
  readonly isResumed: boolean;
  readonly isHedged: boolean;
  /** Answered from the gateway's cache: nothing was used. */
  readonly isCached: boolean;
}

/** What was spent of a budget in the period that began then, summed over all gateways. */
export interface KnownSpending {
  readonly limitId: string;
  readonly spent: number;
  /** Wall milliseconds. */
  readonly periodStart: number;
}
