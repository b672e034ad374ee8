// A worker's line to the arbiter thread. While there is no arbiter nothing is said: whoever waits stands in the worker's own queue, and all
// of them are told to the next one. Times go over in the time that all threads share.
import type { Clock } from "@flyball/core";
import type { ScheduledRequest, Standing } from "@flyball/traffic";
import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { readSharedTime } from "../shared/shared-ticks.ts";
import type { ArbiterLine } from "./arbiter-line.ts";
import type { FromArbiter, GrantRecord, ToArbiter } from "./arbiter-messages.ts";
import type { QueueCounts } from "./queue-counts.ts";

/** What comes from the arbiter. */
export interface RemoteLineHandler {
  readonly counts: QueueCounts;
  readonly onGrant: (grant: GrantRecord) => void;
  readonly onLost: (pool: number, id: number) => void;
  /** A new arbiter listens, and nothing of the last one comes any more. */
  readonly onWelcome: () => void;
}

/** The line. */
export interface RemoteLine extends ArbiterLine {
  /** The port to a new arbiter, which says welcome on it. */
  connect(port: MessagePort): void;
}

/** Questions that are open at once; a further one is not asked. */
const MOST_ASKED = 100;
/** An arbiter that does not answer has died. */
const ANSWER_MS = 500;

/** Creates a line that is not connected. */
export function createRemoteLine(clock: Clock, handler: RemoteLineHandler): RemoteLine {
  let port: MessagePort | undefined;
  let waitingPort: MessagePort | undefined;
  const offset = readSharedTime() - clock.monotonic();
  const asked = new Map<number, (standing: Standing) => void>();
  let questions = 0;
  const send = (message: ToArbiter): void => port?.postMessage(message);
  const hear = (from: MessagePort, message: FromArbiter): void => {
    switch (message.type) {
      case "welcome":
        switchTo(from);
        return;
      case "grant":
        handler.onGrant(message.grant);
        return;
      case "lost":
        handler.onLost(message.pool, message.id);
        return;
      case "standing":
        asked.get(message.ask)?.(message.standing);
        return;
      default:
        message satisfies never;
    }
  };
  const switchTo = (next: MessagePort): void => {
    const last = port;
    port = undefined;
    // What the last arbiter granted before it died counts.
    for (let left = last && receiveMessageOnPort(last); left; left = receiveMessageOnPort(last as MessagePort)) {
      hear(last as MessagePort, left.message as FromArbiter);
    }
    last?.close();
    port = next;
    waitingPort = undefined;
    handler.onWelcome();
  };
  return {
    connect(next) {
      waitingPort?.close();
      waitingPort = next;
      next.on("message", (message: FromArbiter) => hear(next, message));
      next.unref();
    },
    arrive: (pool, requests) =>
      send({ type: "arrive", pool, requests: requests.map((request) => recordOf(request, offset)) }),
    leave: (pool, id) => send({ type: "leave", pool, id }),
    end: (pool, id, outputTokens) => send({ type: "end", pool, id, outputTokens }),
    offer: (pool, tenant, classIndex, workMs) => send({ type: "offer", pool, tenant, classIndex, workMs }),
    look() {
      if (port !== undefined && handler.counts.ring()) send({ type: "look" });
    },
    explain(pool, id) {
      if (port === undefined || asked.size >= MOST_ASKED) return Promise.resolve({ kind: "unknown" });
      const ask = (questions += 1);
      return new Promise((resolve) => {
        const answer = (standing: Standing): void => {
          asked.delete(ask);
          cancel();
          resolve(standing);
        };
        const cancel = clock.after(ANSWER_MS, () => answer({ kind: "unknown" }));
        asked.set(ask, answer);
        send({ type: "explain", pool, id, ask });
      });
    },
  };
}

/** What the arbiter has to know, in shared time. */
function recordOf(request: ScheduledRequest, offset: number): ScheduledRequest {
  const { id, tenant, classIndex, arrivedAt, deadlineAt, inputTokens, outputTokens, outputTokensHigh } = request;
  const { workMs, blocks, row = 0 } = request;
  return {
    id,
    tenant,
    classIndex,
    arrivedAt: arrivedAt + offset,
    deadlineAt: deadlineAt + offset,
    inputTokens,
    outputTokens,
    outputTokensHigh,
    workMs,
    blocks,
    row,
    ...(request.hash === undefined ? {} : { hash: request.hash }),
  };
}
