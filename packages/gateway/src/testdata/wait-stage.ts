// A worker's parts around one pool, without sockets and threads: requests wait there as a test says.
import { createFakeClock, seededRandom, type FakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { addTime } from "@flyball/traffic";
import { enterList, RunningAttempt } from "../evidence/running-attempts.ts";
import { createGatewayMetrics } from "../metrics/gateway-metrics.ts";
import { createCooldownBuffer, wrapCooldownTable } from "../shared/cooldown-table.ts";
import { inFlightTableBytes, wrapInFlightTable } from "../shared/in-flight-table.ts";
import { createProbeBuffer, wrapProbeTable } from "../shared/probe-table.ts";
import type { AttemptLimits } from "../stages/attempt-limits.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { UpstreamCall, Upstream } from "../upstream/upstream.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import { createPoolRegistry, type PoolRegistry } from "../worker/pool-registry.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { endpoint as endpointOf, pool as poolOf, snapshot } from "./snapshots.ts";

/** The stage. */
export interface WaitStage {
  readonly clock: FakeClock;
  readonly context: WorkerContext;
  readonly registry: PoolRegistry;
  readonly pool: Pool;
  /** Ids of endpoints whose waiting requests were told to go elsewhere. */
  readonly moved: string[];
  /** A request waits there from now on. */
  send(endpoint: Endpoint): RunningAttempt;
  /** Takes these endpoints and no others. */
  serve(...ids: readonly string[]): void;
  exchange(method: string): Exchange;
}

/** A pool of these endpoints, whose answers usually take twenty milliseconds. */
export function createWaitStage(...ids: readonly string[]): WaitStage {
  const clock = createFakeClock();
  const table = wrapInFlightTable(new SharedArrayBuffer(inFlightTableBytes(1)));
  const slots = Object.fromEntries(ids.map((id, index) => [id, table.renew(index)]));
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
  let version = 0;
  const serve = (...served: readonly string[]): Pool => {
    version += 1;
    const endpoints = served.map((id) => endpointOf(id, 4_001 + ids.indexOf(id)));
    const pools = registry.update({
      snapshot: snapshot(version, { pools: [poolOf("p", endpoints)] }),
      slots,
      secrets: {},
      limits: {},
    });
    return pools.get("p") as Pool;
  };
  const pool = serve(...ids);
  const usual = pool.usual.of("plain", "all");
  for (let sample = 0; sample < 60; sample += 1) addTime(usual.firstByte, 20);
  const moved: string[] = [];
  return {
    clock,
    context,
    registry,
    pool,
    moved,
    serve: (...served) => void serve(...served),
    send(endpoint) {
      const attempt = new RunningAttempt(endpoint.breaker.era, usual, { onStuck: () => void moved.push(endpoint.id) });
      attempt.limits = { phase: "first-byte", enteredAt: clock.monotonic() } as AttemptLimits;
      attempt.call = { isWritten: true } as UpstreamCall;
      enterList(endpoint.running, attempt);
      return attempt;
    },
    exchange: (method) =>
      ({ context, method, request: { headers: {} }, route: undefined, pool, call: undefined }) as unknown as Exchange,
  };
}
