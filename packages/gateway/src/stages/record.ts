// The last stage: each request is recorded exactly once, with what its client got.
import { addRequest } from "../evidence/pool-evidence.ts";
import type { CodeClass } from "../metrics/gateway-metrics.ts";
import type { Exchange } from "./exchange.ts";

/** What the store of limits did not say in time, and what ran when the gateway stopped, is no fault of the pool. */
const NO_FAULT = new Set<string | undefined>([
  "FB_GATEWAY_LIMIT_LATE",
  "FB_GATEWAY_STREAM_LATE",
  "FB_GATEWAY_STOPPING",
]);

/** Counts a finished request. `status` 499 stands for a client that left before its answer. */
export function recordRequest(exchange: Exchange, status: number): void {
  if (exchange.isRecorded) return;
  exchange.isRecorded = true;
  const { context, pool, toldError } = exchange;
  if (context.logger.isDebug) logRequest(exchange, status);
  const metrics = pool?.metrics ?? context.noPool;
  metrics.requests[codeClass(status)].add();
  metrics.duration.observe((context.clock.monotonic() - exchange.startedAt) / 1_000);
  if (!pool) return;
  pool.sums.ended += 1;
  if (status === 499 || NO_FAULT.has(toldError)) return;
  addRequest(pool.sums, {
    isGood: status < 500 && !exchange.wasBrokenOff,
    wasRetried: exchange.wasRetried,
    at: context.clock.now(),
  });
}

/** Ids, sizes and times: never a header, a query or a body. */
function logRequest(exchange: Exchange, status: number): void {
  const { context, id, method, path, pool, key, call, trace } = exchange;
  context.logger.debug("request", {
    request: id,
    method,
    path,
    status,
    milliseconds: Math.round((context.clock.monotonic() - exchange.startedAt) * 10) / 10,
    attempts: exchange.attemptsSent,
    shed: exchange.shed,
    pool: pool?.id,
    key: key?.id,
    tenant: key?.tenant,
    model: call?.model.name,
    trace: trace?.traceId,
  });
}

function codeClass(status: number): CodeClass {
  if (status === 499) return "499";
  if (status >= 500) return "5xx";
  if (status >= 400) return "4xx";
  if (status >= 300) return "3xx";
  return status >= 200 ? "2xx" : "1xx";
}
