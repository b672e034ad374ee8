// The simulation against what queueing theory says, and against the conservation of requests.
import { describe, expect, it } from "vitest";
import { OUTCOME } from "./metrics/outcomes.ts";
import { meanOf } from "./metrics/quantile.ts";
import { policyCatalogue } from "./policy/catalogue.ts";
import type { PolicySpec } from "./policy/policy.ts";
import { simulate } from "./simulate.ts";
import { slotEngine, SMALL_ENGINE, syntheticRequests } from "./testing/synthetic-requests.ts";
import type { TraceRequest } from "./trace/trace-request.ts";

function policy(name: string): PolicySpec {
  return policyCatalogue(SMALL_ENGINE).find((spec) => spec.name === name) as PolicySpec;
}

/** Mean wait in an M/M/c queue, in units of the mean service time (A. K. Erlang 1917). */
function erlangMeanWait(servers: number, utilisation: number): number {
  const load = servers * utilisation;
  let blocking = 1;
  for (let server = 1; server <= servers; server += 1) blocking = (load * blocking) / (server + load * blocking);
  const waiting = blocking / (1 - utilisation * (1 - blocking));
  return waiting / (servers - load);
}

/** The waits of these very requests in a queue with so many servers, first come first served (J. Kiefer and J. Wolfowitz 1955). */
function exactWaits(servers: number, requests: readonly TraceRequest[]): readonly number[] {
  const free = Array.from({ length: servers }, () => 0);
  return requests.map(({ arrivedAt, outputTokens }) => {
    const first = free.indexOf(Math.min(...free));
    const start = Math.max(arrivedAt, free[first] as number);
    free[first] = start + outputTokens;
    return start - arrivedAt;
  });
}

const MEAN_OUTPUT = 50;

interface SlotRun {
  readonly requests: readonly TraceRequest[];
  readonly waits: readonly number[];
  readonly replica: ArrayLike<number>;
}

/** Engines whose slots write a token a millisecond, fed at this utilisation. */
function runSlots(replicas: number, slots: number, name: string, utilisation: number): SlotRun {
  const meanGapMs = MEAN_OUTPUT / (replicas * slots * utilisation);
  const requests = syntheticRequests({ seed: 5, count: 4_000, meanGapMs, meanInput: 1, meanOutput: MEAN_OUTPUT });
  const { outcomes } = simulate({
    requests,
    replicas: Array.from({ length: replicas }, () => ({ profile: slotEngine(slots) })),
    policy: policy(name),
    seed: 1,
    networkMs: 0,
  });
  // A first token comes a step after the start.
  const waits = requests.map(({ id, arrivedAt }) => (outcomes.firstAt[id] as number) - arrivedAt - 1);
  return { requests, waits, replica: outcomes.replica };
}

/** An engine starts nobody within a step, so it may be up to a step behind, and what follows as well. */
function expectAlike(waits: readonly number[], exact: readonly number[]): void {
  const gaps = waits.map((wait, index) => wait - (exact[index] as number));
  expect(Math.abs(meanOf(gaps))).toBeLessThan(1);
  expect(Math.max(...gaps.map(Math.abs))).toBeLessThan(8);
}

describe("simulate", () => {
  it.each([
    [1, 0.6],
    [4, 0.7],
    [16, 0.85],
  ])("waits as a queue with c servers does: an engine with %i slots at %d", (slots, utilisation) => {
    const { requests, waits } = runSlots(1, slots, "least-request", utilisation);
    expectAlike(waits, exactWaits(slots, requests));
  });

  it("waits as Erlang says on average", () => {
    const { requests, waits } = runSlots(1, 16, "least-request", 0.8);
    const serviceMs = meanOf(requests.map(({ outputTokens }) => outputTokens));
    const utilisation = (serviceMs * requests.length) / (requests.at(-1) as TraceRequest).arrivedAt / 16;
    const ratio = meanOf(waits) / (erlangMeanWait(16, utilisation) * serviceMs);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
  });

  it("makes one queue of four engines where requests are held", () => {
    const { requests, waits } = runSlots(4, 1, "least-request + queue", 0.8);
    expectAlike(waits, exactWaits(4, requests));
  });

  it("makes four queues of four engines where requests are spread blindly", () => {
    const { requests, waits, replica } = runSlots(4, 1, "random", 0.6);
    for (let place = 0; place < 4; place += 1) {
      const own = requests.filter(({ id }) => replica[id] === place);
      expectAlike(
        own.map(({ id }) => waits[id] as number),
        exactWaits(1, own),
      );
    }
  });

  it("keeps Little's law: what is in the system is what comes times how long it stays", () => {
    const requests = syntheticRequests({ seed: 2, count: 5_000, meanGapMs: 20, meanInput: 200, meanOutput: 50 });
    const { outcomes } = simulate({
      requests,
      replicas: [{ profile: SMALL_ENGINE }, { profile: SMALL_ENGINE }],
      policy: policy("two choices (Envoy)"),
      seed: 1,
    });
    const spanMs = Math.max(...outcomes.endAt);
    const stays = requests.map(({ id, arrivedAt }) => (outcomes.endAt[id] as number) - arrivedAt);
    // The time that each number of requests is in the system, by sweeping over arrivals and ends.
    const changes = requests
      .flatMap(({ id, arrivedAt }) => [
        { at: arrivedAt, by: 1 },
        { at: outcomes.endAt[id] as number, by: -1 },
      ])
      .toSorted((a, b) => a.at - b.at);
    let present = 0;
    let last = 0;
    let area = 0;
    for (const { at, by } of changes) {
      area += present * (at - last);
      present += by;
      last = at;
    }
    expect(present).toBe(0);
    expect(area / spanMs).toBeCloseTo((requests.length / spanMs) * meanOf(stays), 6);
  });

  it("repeats itself for a seed and differs for another", () => {
    const requests = syntheticRequests({ seed: 2, count: 400, meanGapMs: 40, meanInput: 200, meanOutput: 50 });
    const run = (seed: number): readonly number[] => {
      const replicas = [{ profile: { ...SMALL_ENGINE, jitter: 0.1 } }, { profile: SMALL_ENGINE }];
      return [...simulate({ requests, replicas, policy: policy("random"), seed }).outcomes.endAt];
    };
    expect(run(1)).toEqual(run(1));
    expect(run(2)).not.toEqual(run(1));
  });

  it("sends a request again once when its replica dies while it is on the way", () => {
    const [request] = syntheticRequests({ seed: 2, count: 1, meanGapMs: 1, meanInput: 100, meanOutput: 50 });
    const { outcomes } = simulate({
      requests: [{ ...(request as TraceRequest), arrivedAt: 0 }],
      replicas: [{ profile: SMALL_ENGINE }],
      policy: policy("round-robin"),
      seed: 1,
      networkMs: 100,
      faults: [
        { kind: "down", at: 50, replica: 0 },
        { kind: "up", at: 1_000, replica: 0 },
      ],
    });
    expect(outcomes.attempts[0]).toBe(2);
    expect(outcomes.sentAt[0]).toBe(1_000);
    expect(outcomes.state[0]).toBe(OUTCOME.done);
  });

  it("judges a window only, and ends when the last of it has ended", () => {
    const requests = syntheticRequests({ seed: 2, count: 2_000, meanGapMs: 40, meanInput: 100, meanOutput: 50 });
    const judged = { fromMs: 10_000, toMs: 20_000 };
    const { outcomes, endedAt } = simulate({
      requests,
      replicas: [{ profile: SMALL_ENGINE }],
      policy: policy("least-request"),
      seed: 1,
      judged,
    });
    const mine = requests.filter(({ arrivedAt }) => arrivedAt >= judged.fromMs && arrivedAt < judged.toMs);
    expect(mine.every(({ id }) => outcomes.state[id] === OUTCOME.done)).toBe(true);
    expect(endedAt).toBe(Math.max(...mine.map(({ id }) => outcomes.endAt[id] as number)));
    expect(outcomes.state.at(-1)).toBe(OUTCOME.pending);
  });

  it("refuses what an engine's full queue refuses", () => {
    const requests = syntheticRequests({ seed: 2, count: 300, meanGapMs: 1, meanInput: 100, meanOutput: 50 });
    const { outcomes } = simulate({
      requests,
      replicas: [{ profile: SMALL_ENGINE, maxWaiting: 10 }],
      policy: policy("round-robin"),
      seed: 1,
    });
    const refused = outcomes.state.filter((state) => state === OUTCOME.refused).length;
    expect(refused).toBeGreaterThan(100);
    expect(refused + outcomes.state.filter((state) => state === OUTCOME.done).length).toBe(requests.length);
  });
});
