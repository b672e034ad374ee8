// A request as the scheduler sees it, made when a place is asked for. What does not change from one attempt to the next is worked out once.
import { AFFINITY_HEADER, PRIORITIES } from "@flyball/core";
import type { ModelCall } from "../calls/model-call.ts";
import type { Exchange } from "../stages/exchange.ts";
import { priorityOf } from "../stages/priority-of.ts";
import type { Pool } from "../worker/pool.ts";
import { callBlocks } from "./call-blocks.ts";
import { explain } from "./explanation.ts";
import { asksForPrompts, type PoolQueue } from "./pool-queue.ts";
import { seedOf } from "./prompt-blocks.ts";
import type { EstimatedRequest, WorkEstimate } from "./work-estimator.ts";

const NO_BLOCKS: readonly number[] = [];

/** What an exchange asks of the pools that it may go to. */
export interface AskedWork extends WorkEstimate {
  readonly tenant: string;
  /** Index of `PRIORITIES`. */
  readonly priority: number;
  /** When it came to the first pool; monotonic milliseconds. */
  readonly askedAt: number;
  readonly blocks: readonly number[];
  /** What a consistent hash goes by, where the client says it. */
  readonly hash: number | undefined;
}

/** What it asks for, remembered from the first time on, so that it can be told why it went where it went. */
export function askedWork(exchange: Exchange, pool: Pool, queue: PoolQueue): AskedWork {
  const asked = (exchange.asked ??= askedWorkOf(exchange, pool, queue));
  if (exchange.explanation === undefined) {
    exchange.explanation = explain(exchange, asked);
    queue.schedule.explained.add(exchange.explanation);
  }
  return asked;
}

/** A new request for each place that is asked for: two attempts of one call are two of them. */
export function scheduledRequestOf(exchange: Exchange, pool: Pool, queue: PoolQueue): EstimatedRequest {
  const { schedule } = queue;
  const asked = askedWork(exchange, pool, queue);
  queue.usualWork.add(asked.workMs);
  schedule.lastNumber += 1;
  return {
    id: schedule.lastNumber * schedule.memory.rows + schedule.row,
    tenant: asked.tenant,
    classIndex: PRIORITIES.length - 1 - asked.priority,
    arrivedAt: asked.askedAt,
    deadlineAt: exchange.deadlineAt,
    inputTokens: asked.inputTokens,
    outputTokens: asked.outputTokens,
    outputTokensHigh: asked.outputTokensHigh,
    workMs: asked.workMs,
    blocks: asked.blocks,
    row: schedule.row,
    hash: asked.hash,
    forecast: exchange.forecast,
  };
}

function askedWorkOf(exchange: Exchange, pool: Pool, queue: PoolQueue): AskedWork {
  const { call, key, context } = exchange;
  const tenant = key?.tenant ?? "";
  const affinity = queue.knobs.balance === "consistent-hash" ? exchange.request.headers[AFFINITY_HEADER] : undefined;
  const hash = typeof affinity === "string" ? seedOf(affinity) >>> 0 : undefined;
  const estimate =
    call === undefined ? plainWork(pool) : queue.schedule.estimator.estimateWork(call, queue.book.limits(0).rates);
  return {
    tenant,
    priority: priorityOf(exchange),
    askedAt: context.clock.monotonic(),
    hash,
    inputTokens: estimate.inputTokens,
    outputTokens: estimate.outputTokens,
    outputTokensHigh: estimate.outputTokensHigh,
    workMs: estimate.workMs,
    blocks: call === undefined ? NO_BLOCKS : blocksOf(call, tenant),
  };
}

/** Of a request that is no model call only the time is known that others took. */
function plainWork({ gate }: Pool): WorkEstimate {
  return { inputTokens: 1, outputTokens: 0, outputTokensHigh: 0, workMs: Math.max(1, gate.serviceMs) };
}

/** Only where some pool of the model has several endpoints, and asks for it, does it matter who knows the prompt. */
function blocksOf({ model, body, scan, face }: ModelCall, tenant: string): readonly number[] {
  const isAsked = model.backends.some(
    ({ pool }) => pool.serving.length > 1 && pool.queue && asksForPrompts(pool.queue),
  );
  return face.isForm || !isAsked ? NO_BLOCKS : callBlocks(body, scan, seedOf(tenant) ^ seedOf(model.name));
}
