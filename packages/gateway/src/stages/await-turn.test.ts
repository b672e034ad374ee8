import { createFakeClock, seededRandom, type FakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { DEFAULT_WORK_RATES, NO_LIMIT } from "@flyball/traffic";
import { beforeEach, describe, expect, it } from "vitest";
import { createGatewayMetrics } from "../metrics/gateway-metrics.ts";
import { oldestEnteredAt } from "../schedule/pool-queue.ts";
import { createScheduleBuffers, wrapScheduleMemory } from "../schedule/schedule-memory.ts";
import { createSlotCheck } from "../schedule/slot-check.ts";
import { createWorkerSchedule } from "../schedule/worker-schedule.ts";
import { createCooldownBuffer, wrapCooldownTable } from "../shared/cooldown-table.ts";
import { inFlightTableBytes, wrapInFlightTable, type Slot } from "../shared/in-flight-table.ts";
import { createProbeBuffer, wrapProbeTable } from "../shared/probe-table.ts";
import { endpoint, pool as poolOf, snapshot } from "../testdata/snapshots.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { createPoolRegistry } from "../worker/pool-registry.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { awaitPlace } from "./await-place.ts";
import type { Exchange } from "./exchange.ts";
import { place } from "./place.ts";
import { giveBackPlace, settleAttempt } from "./settle.ts";

let clock: FakeClock;
/** Timers that were set. */
let timers: number;
let context: WorkerContext;
let pool: Pool;
let slots: Readonly<Record<string, Slot>>;

/** A worker with one scheduled pool of two endpoints, each of which takes one request. */
beforeEach(() => {
  clock = createFakeClock();
  timers = 0;
  const counting = {
    ...clock,
    after(delayMs: number, run: () => void) {
      timers += 1;
      return clock.after(delayMs, run);
    },
  };
  const inFlight = wrapInFlightTable(new SharedArrayBuffer(inFlightTableBytes(1)));
  const cooldowns = wrapCooldownTable(createCooldownBuffer(0), clock.monotonic, () => clock.monotonic());
  const probes = wrapProbeTable(createProbeBuffer(0), 0, clock.monotonic, () => clock.monotonic());
  const random = seededRandom(7);
  const schedule = createWorkerSchedule({
    row: 0,
    memory: wrapScheduleMemory(createScheduleBuffers(1)),
    clock: counting,
    random,
    check: createSlotCheck({ cooldowns, probes, monotonic: clock.monotonic }),
    isReplacement: false,
  });
  context = {
    clock: counting,
    random,
    logger: createLogger({ clock, level: "error", write: () => undefined }),
    workerIndex: 0,
    workerCount: 1,
    inFlight,
    cooldowns,
    probes,
    schedule,
    metrics: createGatewayMetrics(),
    gates: new Set(),
  } as unknown as WorkerContext;
  const registry = createPoolRegistry(context, () => ({ close: () => undefined }) as unknown as Upstream);
  slots = { a: inFlight.renew(0), b: inFlight.renew(1) };
  const limits = { activeCap: 1, prefillTokenCap: NO_LIMIT, kvTokenCap: NO_LIMIT, weight: 1, isServing: true };
  for (const { index } of Object.values(slots)) {
    schedule.memory.book.setLimits(index, { ...limits, rates: DEFAULT_WORK_RATES });
  }
  const endpoints = [endpoint("a", 4_001), endpoint("b", 4_002)];
  const prepared = { snapshot: snapshot(1, { pools: [poolOf("p", endpoints)] }), slots, secrets: {}, limits: {} };
  pool = registry.update({ ...prepared, poolNumbers: { p: 0 } }).get("p") as Pool;
});

function exchangeOf(): Exchange {
  return {
    context,
    serving: { priorities: new Map() },
    route: { priority: 1 },
    key: undefined,
    request: { headers: {}, socket: {} },
    deadlineAt: Number.POSITIVE_INFINITY,
    startedAt: clock.monotonic(),
    attemptsSent: 0,
    waitUntil: undefined,
    shed: undefined,
    toldError: undefined,
    running: undefined,
  } as unknown as Exchange;
}

type Held = Extract<ReturnType<typeof place>, { kind: "placed" }>;

/** Takes a place, of which there has to be one. */
function hold(): Held {
  const placement = place(context, pool, undefined, exchangeOf());
  if (placement.kind !== "placed") throw new Error(placement.kind);
  return placement;
}

/** Waits; says in the list what comes of it. */
function wait(told: string[], name: string): void {
  awaitPlace(exchangeOf(), pool, new Set(), {
    onPlaced: ({ id }) => void told.push(`${name} at ${id}`),
    onNoPlace: ({ code }) => void told.push(`${name} ${code}`),
  });
}

describe("who waits for his turn", () => {
  it("is woken by nobody for a rest that is long over", async () => {
    context.cooldowns.raise(slots["a"] as Slot, clock.monotonic() + 50);
    await clock.advance(1_000);
    hold();
    hold();
    const told: string[] = [];
    wait(told, "one");
    timers = 0;
    await clock.advance(1_000);
    // The arbiter looks every twenty milliseconds.
    expect(timers).toBeLessThanOrEqual(50);
    expect(told).toEqual([]);
  });

  it("goes on when a rest ends", async () => {
    const free = hold();
    hold();
    context.cooldowns.raise(free.endpoint.slot, clock.monotonic() + 200);
    giveBackPlace({ context, pool, ...free });
    const told: string[] = [];
    wait(told, "one");
    await clock.advance(100);
    expect(told).toEqual([]);
    await clock.advance(150);
    expect(told).toEqual([`one at ${free.endpoint.id}`]);
  });

  it("stays the oldest when a probe that he might have been goes to nobody", async () => {
    const held = hold();
    hold();
    const result = { outcome: "refused", wasSent: false, wasGood: false } as const;
    settleAttempt({ context, pool, ...held, startedAt: clock.monotonic(), isInGate: true }, result);
    // Another worker probes it.
    await clock.advance(600);
    context.probes.begin(held.endpoint.slot, clock.monotonic(), clock.monotonic() + 60_000);
    const told: string[] = [];
    const since = clock.monotonic();
    wait(told, "first");
    await clock.advance(100);
    wait(told, "second");
    for (let look = 0; look < 5; look += 1) {
      await clock.advance(50);
      expect(pool.queue && oldestEnteredAt(pool.queue)).toBe(since);
    }
    expect(told).toEqual([]);
  });
});
