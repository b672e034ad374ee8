import { describe, expect, it } from "vitest";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import { createExcusedWaits } from "./excused-waits.ts";
import type { Waits } from "./running-attempts.ts";

const endpoint = (id: string, pool: string): Endpoint => ({ id, evidence: { pool } }) as Endpoint;
const pool = (id: string, endpoints: readonly Endpoint[], leadsTo: readonly string[] = []): Pool =>
  ({ id, endpoints, leadsTo }) as unknown as Pool;
const waits = (oldestWaitMs: number, { stuck = 0, strainedMs = 0 } = {}): Waits => ({
  count: 1,
  oldestWaitMs,
  oldestSilenceMs: 0,
  stuck,
  stuckStreams: 0,
  leastBoundMs: 1_000,
  strainedMs,
  isTicketStuck: stuck > 0,
  isTicketLate: false,
});

const web = endpoint("web/0", "web");
const api = endpoint("api/0", "api");
const engine = endpoint("engine/0", "engine");
const pools = [pool("web", [web], ["api", "engine"]), pool("api", [api], ["engine"]), pool("engine", [engine])];
const stuckOf = (seen: ReadonlyMap<Endpoint, Waits>) => [web, api, engine].map((each) => seen.get(each)?.stuck);

describe("requests that wait", () => {
  it("at a whole chain prove something only about its last service", () => {
    const seen = new Map([
      [web, waits(1_100, { stuck: 1, strainedMs: 1_100 })],
      [api, waits(1_080, { stuck: 1, strainedMs: 1_080 })],
      [engine, waits(1_060, { stuck: 1, strainedMs: 1_060 })],
    ]);
    expect(stuckOf(createExcusedWaits().of(pools, seen, 0))).toEqual([0, 0, 1]);
  });

  it("at a caller whose bound is shorter are explained before what it calls counts as stuck", () => {
    const seen = new Map([
      [api, waits(1_100, { stuck: 1, strainedMs: 1_100 })],
      [engine, waits(1_050, { strainedMs: 1_050 })],
    ]);
    expect(stuckOf(createExcusedWaits().of(pools, seen, 0))).toEqual([undefined, 0, 0]);
  });

  it("are not explained by what is usual behind, nor by what was called long after", () => {
    const usual = new Map([
      [api, waits(1_100, { stuck: 1, strainedMs: 1_100 })],
      [engine, waits(900)],
    ]);
    expect(stuckOf(createExcusedWaits().of(pools, usual, 0))).toEqual([undefined, 1, 0]);
    const later = new Map([
      [api, waits(5_000, { stuck: 1, strainedMs: 5_000 })],
      [engine, waits(1_000, { strainedMs: 1_000 })],
    ]);
    expect(stuckOf(createExcusedWaits().of(pools, later, 0))).toEqual([undefined, 1, 0]);
  });

  it("go on to be explained for a while after what hung behind was sent elsewhere", () => {
    const excuses = createExcusedWaits();
    const hung = new Map([
      [api, waits(1_100, { stuck: 1, strainedMs: 1_100 })],
      [engine, waits(1_050, { stuck: 1, strainedMs: 1_050 })],
    ]);
    expect(stuckOf(excuses.of(pools, hung, 0))).toEqual([undefined, 0, 1]);
    const moved = new Map([
      [api, waits(2_100, { stuck: 1, strainedMs: 2_100 })],
      [engine, waits(10)],
    ]);
    expect(stuckOf(excuses.of(pools, moved, 1_000))).toEqual([undefined, 0, 0]);
    expect(stuckOf(excuses.of(pools, moved, 3_000))).toEqual([undefined, 1, 0]);
  });
});
