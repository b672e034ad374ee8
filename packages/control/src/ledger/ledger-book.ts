// What control keeps of the calls of all gateways: an interface, so that another database can stand behind it.
import type { KnownSpending, LedgerRecord, SettleLine } from "@flyball/core";

/** A part of a journal file that was read to its last whole line. */
export interface JournalPart {
  readonly file: string;
  /** Offset after its last whole line. */
  readonly bytes: number;
  readonly lines: readonly SettleLine[];
}

/** What sums are taken over. */
export type UsageGroup = "day" | "key" | "tenant" | "model" | "backend";

/** Which calls are summed. Days are civil days of the app's time zone: `2026-11-23`; both ends are inside. */
export interface UsageQuery {
  readonly by: readonly UsageGroup[];
  readonly from?: string;
  readonly to?: string;
  readonly key?: string;
  readonly tenant?: string;
  readonly model?: string;
}

/** The sums of one group. Money in micro-units. */
export interface UsageSums {
  /** Values of the groups asked for, in their order. */
  readonly group: readonly string[];
  readonly calls: number;
  /** Calls that did not bring a whole answer. */
  readonly failed: number;
  /** Calls whose usage is an estimate, wholly or in part. */
  readonly estimated: number;
  /** Calls with tokens whose price is not known: the money is a lower bound. */
  readonly unpriced: number;
  /** All that came in, cached tokens included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  readonly cny: number;
}

/** The book. Methods throw on a failing disk; nothing is half-written. */
export interface LedgerBook {
  /** Takes a part in one transaction; a call that is known already (by the ledger's id) is left out. Answers how many were new. */
  import(part: JournalPart): number;
  /** How far each file was imported. */
  imported(): ReadonlyMap<string, number>;
  /** Forgets files that are gone. */
  forgetFiles(names: readonly string[]): void;
  /** Deletes records (not sums) from before a wall time, the oldest first, at most so many. Answers how many. */
  trim(before: number, most: number): number;
  /** Sums in the order of their groups. */
  usage(query: UsageQuery): readonly UsageSums[];
  /** The newest records first, from before a wall time. */
  records(query: { readonly before?: number; readonly limit: number; readonly key?: string }): readonly LedgerRecord[];
  /** Calls whose client knows them by this id, the newest first. */
  find(requestId: string, limit: number): readonly LedgerRecord[];
  /** What was spent of each budget in the newest period that was seen. */
  spending(): readonly KnownSpending[];
  close(): void;
}
