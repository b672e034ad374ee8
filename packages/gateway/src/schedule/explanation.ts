// Why a request went where it went, and when: kept for the last requests of each worker, for whoever asks with `flyball explain`. Plain facts that
// were known anyway; nothing is worked out before somebody asks.
import { PRIORITIES } from "@flyball/core";
import type { AttemptOutcome, ErrorCode } from "@flyball/core";
import type { GrantReason, Standing } from "@flyball/traffic";
import type { Exchange, ShedReason } from "../stages/exchange.ts";
import type { Booking, BookedBy } from "./booking.ts";
import type { PoolQueue, QueuedRequest } from "./pool-queue.ts";
import type { AskedWork } from "./scheduled-request-of.ts";

/** One place that it was given. Times are wall milliseconds; null: not yet, or not known. */
export interface ExplainedAttempt {
  readonly endpoint: string;
  readonly at: number;
  readonly by: BookedBy;
  readonly reason: GrantReason | "at-once";
  readonly waitedMs: number;
  readonly candidates: number;
  readonly loadAfter: number;
  readonly cachedTokens: number;
  readonly uncachedTokens: number;
  readonly key: number;
  readonly queuedBefore: number;
  firstTokenAt: number | null;
  endedAt: number | null;
  outcome: AttemptOutcome | null;
  outputTokens: number | null;
}

/** What is remembered of a request. */
export interface Explanation {
  readonly requestId: string;
  readonly pool: string;
  readonly model: string | null;
  readonly asked: Omit<AskedWork, "blocks" | "hash">;
  readonly arrivedAt: number;
  readonly deadlineAt: number | null;
  attempts: readonly ExplainedAttempt[];
  /** While it waits: where. */
  waits: { readonly queue: PoolQueue; readonly queued: QueuedRequest } | undefined;
  refusal: { readonly code: ErrorCode; readonly reason: ShedReason | null } | null;
}

const NO_ATTEMPTS: readonly ExplainedAttempt[] = [];

/** Begins one. */
export function explain(exchange: Exchange, asked: AskedWork): Explanation {
  const { clock } = exchange.context;
  const { deadlineAt, id, pool, call } = exchange;
  const offset = clock.now() - clock.monotonic();
  return {
    requestId: id,
    pool: pool?.id ?? "",
    model: call?.model.name ?? null,
    asked: {
      tenant: asked.tenant,
      priority: asked.priority,
      askedAt: asked.askedAt,
      inputTokens: asked.inputTokens,
      outputTokens: asked.outputTokens,
      outputTokensHigh: asked.outputTokensHigh,
      workMs: asked.workMs,
    },
    arrivedAt: Math.round(offset + exchange.startedAt),
    deadlineAt: Number.isFinite(deadlineAt) ? Math.round(offset + deadlineAt) : null,
    attempts: NO_ATTEMPTS,
    waits: undefined,
    refusal: null,
  };
}

/** A place was given. */
export function explainAttempt(exchange: Exchange, endpoint: string, booking: Booking): void {
  const { explanation, context } = exchange;
  if (explanation === undefined) return;
  const { by, reason = "at-once", waitedMs, candidates, loadAfter } = booking;
  const { cachedTokens, uncachedTokens, key, queued } = booking;
  const attempt: ExplainedAttempt = {
    endpoint,
    at: context.clock.now(),
    by,
    reason,
    waitedMs,
    candidates,
    loadAfter,
    cachedTokens,
    uncachedTokens,
    key,
    queuedBefore: queued,
    firstTokenAt: null,
    endedAt: null,
    outcome: null,
    outputTokens: null,
  };
  explanation.waits = undefined;
  explanation.attempts = [...explanation.attempts, attempt];
  booking.explained = attempt;
}

/** The explanation as it is told. `standing`: where it waits. */
export function writeExplanation(
  worker: number,
  { asked, waits, attempts, ...facts }: Explanation,
  standing: Standing | undefined,
): Readonly<Record<string, unknown>> {
  const { requestId, pool, model, arrivedAt, deadlineAt, refusal } = facts;
  const last = attempts.at(-1);
  const isRunning = last !== undefined && last.endedAt === null;
  const state = waits ? "waiting" : refusal ? "refused" : isRunning ? "running" : "ended";
  return {
    requestId,
    worker,
    pool,
    model,
    tenant: asked.tenant,
    class: PRIORITIES[asked.priority],
    state,
    arrivedAt,
    inputTokens: asked.inputTokens,
    outputTokens: asked.outputTokens,
    outputTokensHigh: asked.outputTokensHigh,
    workMs: asked.workMs,
    deadlineAt,
    attempts,
    ...(waits && standing?.kind === "waiting" ? { standing } : {}),
    refusal,
  };
}
