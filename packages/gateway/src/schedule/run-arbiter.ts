// The body of the arbiter's thread. It hears from the workers and from the main thread, and looks whenever something has happened.
import type { MessagePort } from "node:worker_threads";
import { systemClock, type Clock, type Random } from "@flyball/core";
import { wrapCooldownTable } from "../shared/cooldown-table.ts";
import { wrapProbeTable } from "../shared/probe-table.ts";
import { readSharedTime } from "../shared/shared-ticks.ts";
import type { WorkerData } from "../worker/worker-messages.ts";
import { createArbiter, type Arbiter } from "./arbiter.ts";
import type { ArbiterToMain, FromArbiter, MainToArbiter, ToArbiter } from "./arbiter-messages.ts";
import { createLookTimer } from "./look-timer.ts";
import { wrapScheduleMemory } from "./schedule-memory.ts";
import { createSlotCheck } from "./slot-check.ts";

/** What the thread's entry passes. */
export interface RunArbiterOptions {
  readonly port: MessagePort;
  readonly data: WorkerData;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Runs until the thread is ended. */
export function runArbiter({ port, data, clock = systemClock, random = Math.random }: RunArbiterOptions): void {
  const memory = wrapScheduleMemory(data.schedule);
  const ports = new Map<number, MessagePort>();
  const send = (row: number, message: FromArbiter): void => ports.get(row)?.postMessage(message);
  // All say times in the time that threads share.
  const offset = readSharedTime() - clock.monotonic();
  const arbiter = createArbiter({
    memory,
    random,
    monotonic: () => clock.monotonic() + offset,
    check: createSlotCheck({
      cooldowns: wrapCooldownTable(data.cooldowns, clock.monotonic),
      probes: wrapProbeTable(data.probes, data.workerIndex, clock.monotonic),
      monotonic: clock.monotonic,
    }),
    onGrant: (row, grant) => send(row, { type: "grant", grant }),
    onLost: (row, pool, id) => send(row, { type: "lost", pool, id }),
  });
  const timer = createLookTimer(clock, arbiter);
  let isLookDue = false;
  // At the end of the turn: of those who came in it, the first in order goes first, and not whose message was read first. The later this
  // thread is, the more there are of them.
  const look = (): void => {
    if (isLookDue) return;
    isLookDue = true;
    setImmediate(() => {
      isLookDue = false;
      memory.counts.heard();
      arbiter.look();
      timer.set();
    });
  };
  port.on("message", (message: MainToArbiter) => {
    switch (message.type) {
      case "pools":
        arbiter.setPools(message.pools, message.tenantWeights);
        look();
        return;
      case "worker":
        ports.set(message.row, message.port);
        message.port.on("message", (from: ToArbiter) => hear(arbiter, from, { look, send, row: message.row }));
        send(message.row, { type: "welcome" });
        return;
      case "row-died":
        ports.get(message.row)?.close();
        ports.delete(message.row);
        arbiter.rowDied(message.row);
        // From here on nothing is written in it.
        memory.book.clearRow(message.row);
        port.postMessage({ type: "row-cleared", row: message.row } satisfies ArbiterToMain);
        look();
        return;
      default:
        message satisfies never;
    }
  });
}

interface Ear {
  readonly look: () => void;
  readonly send: (row: number, message: FromArbiter) => void;
  readonly row: number;
}

function hear(arbiter: Arbiter, message: ToArbiter, { look, send, row }: Ear): void {
  switch (message.type) {
    case "arrive":
      for (const request of message.requests) arbiter.arrive(message.pool, request);
      look();
      return;
    case "leave":
      arbiter.leave(message.pool, message.id);
      return;
    case "end":
      arbiter.end(message.pool, message.id, message.outputTokens);
      return;
    case "offer":
      arbiter.offer(message.pool, message.tenant, message.classIndex, message.workMs);
      return;
    case "look":
      look();
      return;
    case "explain":
      send(row, { type: "standing", ask: message.ask, standing: arbiter.explain(message.pool, message.id) });
      return;
    default:
      message satisfies never;
  }
}
