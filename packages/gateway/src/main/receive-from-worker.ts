// Where each message of a worker goes.
import type { FromWorker } from "../worker/worker-messages.ts";
import type { GatewayParts } from "./gateway-parts.ts";

/** Handles one message. */
export function receiveFromWorker(parts: GatewayParts, worker: number, message: FromWorker): void {
  switch (message.type) {
    case "applied":
    case "refused":
      parts.holder.onWorkerMessage(worker, message);
      if (message.type === "applied") parts.learning.onServing(worker);
      return;
    case "listen-failed":
      reportListenFailure(parts, message.listener, message.reason);
      return;
    case "listen-mended":
      forgetListenFailure(parts, message.listener);
      return;
    case "evidence":
      parts.book.add(worker, message, parts.clock.now());
      parts.ejector.add(worker, message);
      parts.loads.add(worker, message.pools, message.queues);
      return;
    case "usual":
      parts.ejector.onUsual(worker, message);
      parts.learning.onUsual(message);
      return;
    case "ejected":
      parts.ejector.onEjected(worker, message);
      return;
    case "metrics":
      parts.collector.onFamilies(worker, message.id, message.families);
      return;
    case "traces":
      parts.traces?.add(message.calls, message.dropped);
      return;
    case "timings":
      parts.learning.onTimings(message.samples);
      return;
    case "learned":
      parts.learning.onLearned(worker, message.learned);
      return;
    case "learned-report":
      parts.learning.onReport(worker, message.id, message.models);
      return;
    case "explained":
      parts.explanations.onExplained(message.id, message.explanation);
      return;
    case "lease-low":
      parts.limits.onLow();
      return;
    case "drained":
      parts.drained.add(worker);
      parts.onDrained?.();
      return;
    default:
      message satisfies never;
  }
}

/** It works again: no further link is told of it. */
function forgetListenFailure({ listenFailures, logger }: GatewayParts, listener: string): void {
  if (listenFailures.delete(listener)) logger.info("a listener works again", { listener });
}

/** Tells control once per link, and per reason, that a listener does not work. */
export function reportListenFailure(parts: GatewayParts, listener: string, reason: string): void {
  if (parts.listenFailures.get(listener) === reason) return;
  parts.listenFailures.set(listener, reason);
  parts.logger.error("cannot listen", { listener, reason });
  parts.link.send({ type: "listen-failed", listener, reason });
}
