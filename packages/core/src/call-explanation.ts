// What `flyball explain` shows: why a request went to that endpoint and why it waited as long as it did, from the memory of the gateway, joined with
// what the ledger has of it. Answer of GET /v1/calls/:requestId.
import type { LedgerRecord } from "./ledger-record.ts";
import type { AttemptOutcome } from "./signal.ts";

/** All that is known of a request. */
export interface CallExplanation {
  readonly requestId: string;
  /** null: it asked no scheduled pool, or is forgotten: each worker of the gateway remembers its last 2,000. */
  readonly scheduling: CallScheduling | null;
  /** Model calls with this id, the newest first: clients may use an id again. Empty: none has ended. */
  readonly calls: readonly LedgerRecord[];
}

/** How it was placed. Times are wall milliseconds. */
export interface CallScheduling {
  readonly requestId: string;
  readonly worker: number;
  readonly pool: string;
  readonly model: string | null;
  readonly tenant: string;
  /** Its class: high, normal or low. */
  readonly class: string;
  readonly state: "waiting" | "running" | "ended" | "refused";
  readonly arrivedAt: number;
  readonly deadlineAt: number | null;
  /** As they were foretold: tokens of the prompt; of the answer, what it was ordered by and what memory was reserved for; its work. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly outputTokensHigh: number;
  readonly workMs: number;
  readonly attempts: readonly ScheduledAttempt[];
  /** Only while it waits. */
  readonly standing?: QueueStanding;
  readonly refusal: { readonly code: string; readonly reason: string | null } | null;
}

/** Where it stands in the queue of its pool. */
export interface QueueStanding {
  readonly waitedMs: number;
  /** How many come before it as things are. */
  readonly ahead: number;
  /** Service that its tenant has had beyond the one that has had least, in charged tokens ÷ weight. */
  readonly tenantLead: number;
  readonly key: number;
  readonly isOldestOfTenant: boolean;
  /** What no endpoint has free: slot, prefill, memory; warm: room where its prompt is known; turn: others come first. */
  readonly waitsFor: string;
}

/** One place that it was given. */
export interface ScheduledAttempt {
  readonly endpoint: string;
  readonly at: number;
  /** at-once: nobody waited. careful: some endpoints were out of the question. arbiter: it waited. anyway: no room was asked for. */
  readonly by: string;
  /** Why it came before others: at-once, deadline, owed, first, oldest, claim, fits. */
  readonly reason: string;
  readonly waitedMs: number;
  /** Endpoints that had room, and the own load of the chosen one with this request. */
  readonly candidates: number;
  readonly loadAfter: number;
  /** Of the prompt: what the endpoint probably knew, and what it had to read. */
  readonly cachedTokens: number;
  readonly uncachedTokens: number;
  /** What ordered it within its tenant: the work that was left, ms. */
  readonly key: number;
  /** Who waited for the pool when it was chosen. */
  readonly queuedBefore: number;
  readonly firstTokenAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: AttemptOutcome | null;
  readonly outputTokens: number | null;
}
