import { createFakeClock, seededRandom } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { addTime } from "@flyball/traffic";
import { describe, expect, it } from "vitest";
import { enterList, leaveList, lookAtWaits, RunningAttempt } from "../evidence/running-attempts.ts";
import { createGatewayMetrics } from "../metrics/gateway-metrics.ts";
import { createCooldownBuffer, wrapCooldownTable } from "../shared/cooldown-table.ts";
import { inFlightTableBytes, wrapInFlightTable } from "../shared/in-flight-table.ts";
import { createProbeBuffer, wrapProbeTable } from "../shared/probe-table.ts";
import { endpoint as endpointOf, pool as poolOf, snapshot } from "../testdata/snapshots.ts";
import type { UpstreamCall, Upstream } from "../upstream/upstream.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import { createPoolRegistry } from "../worker/pool-registry.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import type { AttemptLimits } from "./attempt-limits.ts";
import type { Exchange } from "./exchange.ts";
import { judgeWaits } from "./judge-waits.ts";
import { place } from "./place.ts";

/** A worker with a pool of some endpoints whose answers usually take twenty milliseconds. */
function stage(...ids: readonly string[]) {
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
  const pool = registry
    .update({
      snapshot: snapshot(1, {
        pools: [
          poolOf(
            "p",
            ids.map((id, index) => endpointOf(id, 4_001 + index)),
          ),
        ],
      }),
      slots: Object.fromEntries(ids.map((id, index) => [id, table.renew(index)])),
      secrets: {},
      limits: {},
    })
    .get("p") as Pool;
  const usual = pool.usual.of("plain", "all");
  for (let sample = 0; sample < 60; sample += 1) addTime(usual.firstByte, 20);
  const moved: string[] = [];
  /** A request waits there from now on. */
  const send = (endpoint: Endpoint, ticket = endpoint.breaker.era): RunningAttempt => {
    const attempt = new RunningAttempt(ticket, usual, { onStuck: () => void moved.push(endpoint.id) });
    attempt.limits = { phase: "first-byte", enteredAt: clock.monotonic() } as AttemptLimits;
    attempt.call = { isWritten: true } as UpstreamCall;
    enterList(endpoint.running, attempt);
    return attempt;
  };
  const look = (): readonly string[] => {
    const now = clock.monotonic();
    const waits = new Map(
      pool.serving.map((each) => [each, lookAtWaits(each.running, now, each.breaker.era)] as const),
    );
    return judgeWaits(context, pool, waits).map(({ id }) => id);
  };
  const exchange = (method: string): Exchange =>
    ({ context, method, request: { headers: {} }, route: undefined, pool, call: undefined }) as unknown as Exchange;
  return { clock, context, pool, send, look, moved, exchange };
}

const endpointsOf = (pool: Pool) => pool.serving as readonly [Endpoint, Endpoint, ...Endpoint[]];

describe("an endpoint at which a request waits for longer than is usual", () => {
  it("is suspected while a peer answers; the next request that may be sent again finds out, and then it is ejected", async () => {
    const { clock, context, pool, send, look, moved, exchange } = stage("a", "b");
    const [a, b] = endpointsOf(pool);
    send(a);
    await clock.advance(1_050);
    b.movedAt = clock.monotonic();
    expect(look()).toEqual([]);
    expect(a.breaker).toMatchObject({ phase: "ejected", cause: "stuck", isSuspected: true });
    await clock.advance(20);
    const unsafe = place(context, pool, undefined, exchange("POST"));
    expect(unsafe.kind === "placed" && unsafe.endpoint.id).toBe("b");
    const probe = place(context, pool, undefined, exchange("GET"));
    expect(probe.kind === "placed" && probe.endpoint.id).toBe("a");
    send(a);
    await clock.advance(500);
    b.movedAt = clock.monotonic();
    expect(look()).toEqual([]);
    await clock.advance(550);
    b.movedAt = clock.monotonic();
    expect(look()).toEqual(["a"]);
    expect(moved).toEqual(["a", "a"]);
    expect(a.breaker.isSuspected).toBe(false);
  });

  it("is left in peace while it answers others, while no peer answers, and where it is alone", async () => {
    const { clock, pool, send, look } = stage("a", "b");
    const [a, b] = endpointsOf(pool);
    send(a);
    await clock.advance(3_000);
    a.movedAt = clock.monotonic() - 100;
    b.movedAt = clock.monotonic();
    look();
    expect(a.breaker.phase).toBe("closed");
    await clock.advance(3_000);
    look();
    expect(a.breaker.phase).toBe("closed");
    const alone = stage("only");
    alone.send(alone.pool.serving[0] as Endpoint);
    await alone.clock.advance(60_000);
    alone.look();
    expect(alone.pool.serving[0]?.breaker.phase).toBe("closed");
  });

  it("is probed by any request in the end, for nothing else may come", async () => {
    const { clock, context, pool, send, look, exchange } = stage("a", "b");
    const [a, b] = endpointsOf(pool);
    leaveList(a.running, send(a));
    send(a);
    await clock.advance(1_050);
    b.movedAt = clock.monotonic();
    look();
    await clock.advance(31_000);
    const late = place(context, pool, undefined, exchange("POST"));
    expect(late.kind === "placed" && late.endpoint.id).toBe("a");
  });
});
