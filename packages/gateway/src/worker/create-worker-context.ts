// The context of a fresh worker: nothing served yet, nothing counted.
import { randomBytes } from "node:crypto";
import { systemClock } from "@flyball/core";
import { createLogger, readLogLevel } from "@flyball/telemetry";
import { createSideThread } from "../aside/side-thread.ts";
import { startThread } from "../aside/start-thread.ts";
import { createSliceQueue } from "../body/slice-queue.ts";
import { createSampling } from "../calls/answer-sample.ts";
import { createWorkerLearning } from "../learn/worker-learning.ts";
import { createGatewayMetrics } from "../metrics/gateway-metrics.ts";
import { createSlotCheck } from "../schedule/slot-check.ts";
import { wrapScheduleMemory } from "../schedule/schedule-memory.ts";
import { createWorkerSchedule } from "../schedule/worker-schedule.ts";
import { wrapCooldownTable } from "../shared/cooldown-table.ts";
import { wrapInFlightTable } from "../shared/in-flight-table.ts";
import { wrapProbeTable } from "../shared/probe-table.ts";
import { openTracer } from "../traces/open-traces.ts";
import type { GatewayWorkerOptions } from "./run-gateway-worker.ts";
import type { WorkerContext } from "./worker-context.ts";
import type { FromWorker } from "./worker-messages.ts";

/** Makes it. */
export function createWorkerContext({ data, port, ...options }: GatewayWorkerOptions): WorkerContext {
  const environment = options.environment ?? process.env;
  const clock = options.clock ?? systemClock;
  const metrics = createGatewayMetrics();
  const logger =
    options.logger ??
    createLogger({
      clock,
      level: readLogLevel(environment["FLYBALL_LOG_LEVEL"]),
      write: (line) => void process.stderr.write(line),
    });
  const inFlight = wrapInFlightTable(data.inFlight);
  const random = options.random ?? Math.random;
  const cooldowns = wrapCooldownTable(data.cooldowns, clock.monotonic);
  const probes = wrapProbeTable(data.probes, data.workerIndex, clock.monotonic);
  return {
    clock,
    random,
    logger: logger.with({ worker: data.workerIndex }),
    workerIndex: data.workerIndex,
    workerCount: data.workerCount,
    inFlight,
    cooldowns,
    probes,
    schedule: createWorkerSchedule({
      row: data.workerIndex,
      memory: wrapScheduleMemory(data.schedule),
      isReplacement: data.isReplacement === true,
      clock,
      random,
      check: createSlotCheck({ cooldowns, probes, monotonic: clock.monotonic }),
    }),
    metrics,
    learning: createWorkerLearning({
      clock,
      saved: data.learned,
      activeAt: ({ slot }) => inFlight.total(slot),
      send: (samples) => port.postMessage({ type: "timings", samples } satisfies FromWorker),
    }),
    slices: createSliceQueue(clock),
    aside: createSideThread({ clock, start: () => startThread(data) }),
    takeSample: createSampling(clock),
    noPool: metrics.pool("none"),
    requestIdPrefix: `req_${randomBytes(6).toString("hex")}_`,
    startedAtSeconds: data.startedAtSeconds,
    tracer: openTracer(environment, {
      clock,
      send: (calls, dropped) => port.postMessage({ type: "traces", calls, dropped } satisfies FromWorker),
    }),
    ledger: undefined,
    nextRequestNumber: 0,
    serving: undefined,
    isDraining: false,
    openConnections: 0,
    running: new Set(),
    upgraded: new Set(),
    gates: new Set(),
  };
}
