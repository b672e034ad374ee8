import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock, seededRandom } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { createGatewayMetrics } from "../metrics/gateway-metrics.ts";
import { createCooldownBuffer, wrapCooldownTable } from "../shared/cooldown-table.ts";
import { inFlightTableBytes, wrapInFlightTable } from "../shared/in-flight-table.ts";
import { createProbeBuffer, wrapProbeTable } from "../shared/probe-table.ts";
import { endpoint, pool as poolOf, snapshot } from "../testdata/snapshots.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import { createPoolRegistry } from "../worker/pool-registry.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { MAX_WAITING } from "../worker/waiting-room.ts";
import { awaitPlace } from "./await-place.ts";
import type { Exchange } from "./exchange.ts";
import { place, placeAmong } from "./place.ts";
import { MAX_WAIT_MS } from "./refuse-place.ts";
import { giveBackPlace, settleAttempt, settleHead, type AttemptInPlace } from "./settle.ts";

/** A worker with one pool of two endpoints, of which a limit lets so many attempts be under way. */
function stage(limit: number, capacity = 4) {
  const clock = createFakeClock();
  const table = wrapInFlightTable(new SharedArrayBuffer(inFlightTableBytes(1)));
  const context = {
    clock,
    random: seededRandom(7),
    logger: createLogger({ clock, level: "error", write: () => undefined }),
    workerIndex: 0,
    workerCount: 1,
    inFlight: table,
    cooldowns: wrapCooldownTable(createCooldownBuffer(0), clock.monotonic, () => clock.monotonic()),
    probes: wrapProbeTable(createProbeBuffer(0), 0, clock.monotonic, () => clock.monotonic()),
    metrics: createGatewayMetrics(),
    gates: new Set(),
  } as unknown as WorkerContext;
  const registry = createPoolRegistry(context, () => ({ close: () => undefined }) as unknown as Upstream);
  const endpoints = ["a", "b"].map((id, index) => endpoint(id, 4_001 + index, { capacity }));
  const pools = registry.update({
    snapshot: snapshot(1, { pools: [poolOf("p", endpoints)] }),
    slots: { a: table.renew(0), b: table.renew(1) },
    secrets: {},
    limits: {},
  });
  const pool = pools.get("p") as Pool;
  pool.gate.limit = limit;
  // A fault would open the limit that is tested here.
  context.gates.clear();
  return { clock, context, pool };
}

function exchangeOf(context: WorkerContext, priority: number, more: Partial<Exchange> = {}): Exchange {
  return {
    context,
    serving: { priorities: new Map() },
    route: { priority },
    key: { id: `key-${priority}` },
    request: { headers: {} },
    deadlineAt: Number.POSITIVE_INFINITY,
    attemptsSent: 0,
    waitUntil: undefined,
    shed: undefined,
    toldError: undefined,
    running: undefined,
    ...more,
  } as unknown as Exchange;
}

describe("a place", () => {
  it("is given to a higher class first, then in order of arrival, as places become free", () => {
    const { context, pool } = stage(1);
    const held = place(context, pool, undefined);
    const placed: string[] = [];
    const freed: (() => void)[] = [];
    for (const [name, priority] of [
      ["low", 0],
      ["first", 1],
      ["second", 1],
      ["high", 2],
    ] as const) {
      expect(place(context, pool, undefined).kind).toBe("held");
      awaitPlace(exchangeOf(context, priority), pool, new Set(), {
        onPlaced(chosen, ticket) {
          placed.push(name);
          freed.push(() => giveBackPlace({ context, pool, endpoint: chosen, ticket }));
        },
        onNoPlace: () => expect.fail("refused"),
      });
    }
    if (held.kind === "placed") giveBackPlace({ context, pool, endpoint: held.endpoint, ticket: held.ticket });
    for (let turn = 0; turn < 4; turn += 1) freed[turn]?.();
    expect(placed).toEqual(["high", "first", "second", "low"]);
    expect([pool.gate.inFlight, pool.waitingRoom.size]).toEqual([0, 0]);
  });

  it("is refused at once to who would wait past his deadline, and after two seconds to anybody", async () => {
    const { clock, context, pool } = stage(1);
    place(context, pool, undefined);
    pool.gate.serviceMs = 300;
    const refused: string[] = [];
    const ask = (name: string, deadlineAt: number): void => {
      const exchange = exchangeOf(context, 1, { deadlineAt });
      awaitPlace(exchange, pool, new Set(), {
        onPlaced: () => expect.fail("placed"),
        onNoPlace: ({ code, retryAfterMs = 0 }) => {
          refused.push(`${name} ${code} ${exchange.shed}`);
          expect(retryAfterMs).toBeGreaterThanOrEqual(100);
        },
      });
    };
    ask("patient", Number.POSITIVE_INFINITY);
    ask("hurried", clock.monotonic() + 250);
    expect(refused).toEqual(["hurried FB_GATEWAY_OVERLOADED deadline"]);
    await clock.advance(MAX_WAIT_MS);
    expect(refused[1]).toBe("patient FB_GATEWAY_OVERLOADED waited");
    expect(pool.waitingRoom.size).toBe(0);
  });

  it("comes after a silence, so that a limit which lets nobody in can learn", async () => {
    const { clock, context, pool } = stage(1);
    place(context, pool, undefined);
    await clock.advance(2_000);
    let isPlaced = false;
    awaitPlace(exchangeOf(context, 1), pool, new Set(), {
      onPlaced: () => void (isPlaced = true),
      onNoPlace: () => expect.fail("refused"),
    });
    expect(isPlaced).toBe(true);
  });
});

/** What happens next in a random life of a pool. */
const STEP = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("ask" as const), priority: fc.nat(2), at: fc.nat(1_000) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      at: fc.nat(1_000),
      outcome: fc.constantFrom("succeeded", "server-error", "refused", "reset", "timeout", "cancelled", "never-sent"),
      hasHead: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("leave" as const), at: fc.nat(1_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hedge" as const), at: fc.nat(1_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(700) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("limit" as const), limit: fc.integer({ min: 1, max: 6 }) }) },
);

describe("places over any order of arrivals, ends, cancels, hedges and failovers", () => {
  it("are never more than the limit, are never lost, and go to the highest class that waits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(STEP, { maxLength: 200, size: "max" }),
        fc.integer({ min: 1, max: 6 }),
        async (steps, limit) => {
          const { clock, context, pool } = stage(limit);
          const { gate, waitingRoom } = pool;
          const taken: AttemptInPlace[] = [];
          const waiting = new Map<Exchange, number>();
          let aboveLimit = 0;
          const take = (chosen: Endpoint, ticket: number): void => {
            taken.push({ context, pool, endpoint: chosen, ticket, startedAt: clock.monotonic(), isInGate: true });
          };
          const ask = (priority: number): void => {
            const now = place(context, pool, undefined);
            if (now.kind === "placed") {
              expect(gate.inFlight).toBeLessThanOrEqual(gate.limit);
              take(now.endpoint, now.ticket);
              return;
            }
            const exchange = exchangeOf(context, priority);
            waiting.set(exchange, priority);
            awaitPlace(exchange, pool, new Set(), {
              onPlaced(chosen, ticket) {
                waiting.delete(exchange);
                expect(Math.max(-1, ...waiting.values())).toBeLessThanOrEqual(priority);
                // One more than the limit is let in after a silence of two seconds, and only then.
                if (gate.inFlight > gate.limit) {
                  expect(gate.heardAt).toBe(clock.monotonic());
                  aboveLimit += 1;
                }
                take(chosen, ticket);
              },
              onNoPlace: () => void waiting.delete(exchange),
            });
          };
          const end = (at: number, outcome: string, hasHead: boolean): void => {
            const [attempt] = taken.splice(at % Math.max(1, taken.length), 1);
            if (!attempt) return;
            if (hasHead) settleHead(attempt, outcome === "server-error" ? 503 : 200, true);
            if (outcome === "never-sent" && !hasHead) giveBackPlace(attempt);
            else {
              const known = outcome === "never-sent" ? "cancelled" : outcome;
              settleAttempt(attempt, { outcome: known as "succeeded", wasSent: true, wasGood: false });
            }
          };
          for (const step of steps) {
            if (step.kind === "ask") ask(step.priority);
            else if (step.kind === "end") end(step.at, step.outcome, step.hasHead);
            else if (step.kind === "wait") await clock.advance(step.ms);
            else if (step.kind === "limit") gate.limit = step.limit;
            else if (step.kind === "hedge") {
              const hedge = gate.inFlight < gate.limit ? placeAmong(context, pool.serving.slice(0, 1)) : undefined;
              if (hedge?.kind === "placed") take(hedge.endpoint, hedge.ticket);
            } else {
              const [exchange] = [...waiting.keys()].slice(step.at % Math.max(1, waiting.size));
              exchange?.running?.cancel();
              if (exchange) waiting.delete(exchange);
            }
            expect(gate.inFlight).toBe(taken.filter(({ isInGate }) => isInGate).length);
            expect(waitingRoom.size).toBe(waiting.size);
            expect(waitingRoom.size).toBeLessThanOrEqual(MAX_WAITING);
          }
          expect(aboveLimit).toBeLessThanOrEqual(steps.length);
          for (let guard = 0; (taken.length > 0 || waiting.size > 0) && guard < 1_000; guard += 1) {
            while (taken.length > 0) end(0, "succeeded", false);
            await clock.advance(700);
          }
          expect([gate.inFlight, waitingRoom.size, waiting.size]).toEqual([0, 0, 0]);
          expect(pool.serving.map(({ slot }) => context.inFlight.total(slot))).toEqual([0, 0]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
