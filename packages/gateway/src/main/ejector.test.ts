import { createFakeClock, type FakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { beforeEach, describe, expect, it } from "vitest";
import { addAttempt, addPiece, createEndpointEvidence, takeEvidence } from "../evidence/endpoint-evidence.ts";
import { addDuration } from "../evidence/duration-sums.ts";
import { IDLE, type Standing } from "../evidence/standing.ts";
import type { ToWorker } from "../worker/worker-messages.ts";
import { createEjector, type Ejector } from "./ejector.ts";

let clock: FakeClock;
let ejector: Ejector;
let told: { readonly worker: number; readonly message: ToWorker }[];

beforeEach(() => {
  clock = createFakeClock();
  told = [];
  ejector = createEjector({
    clock,
    logger: createLogger({ clock, level: "error", write: () => undefined }),
    workers: 3,
    send: (worker, message) => void told.push({ worker, message }),
  });
  clock.every(200, ejector.look);
});

interface Said {
  readonly answers?: number;
  readonly firstMs?: number;
  readonly standing?: Partial<Standing>;
}

function say(endpoint: string, { answers = 0, firstMs = 20, standing = {} }: Said, worker = 0): void {
  const sums = createEndpointEvidence("web", endpoint);
  for (let answer = 0; answer < answers; answer += 1) {
    addAttempt(sums, { outcome: "succeeded", latencyMs: firstMs, at: clock.now() });
    addDuration(sums.firstToken, firstMs);
    addPiece(sums, 10, undefined);
  }
  ejector.add(worker, { endpoints: [{ ...takeEvidence(sums), standing: { ...IDLE, ...standing } }], pools: [] });
}

async function pass(ms: number, each: (elapsedMs: number) => void): Promise<void> {
  for (let elapsed = 0; elapsed < ms; elapsed += 100) {
    each(elapsed);
    await clock.advance(100);
  }
}

const waiting = (oldestWaitMs: number, stuck: number): Standing => ({ ...IDLE, count: stuck, oldestWaitMs, stuck });
const toldOf = (type: ToWorker["type"]) =>
  told.flatMap(({ worker, message }) => (message.type === type ? [[worker, message]] : []));
const ejections = () => toldOf("eject");

describe("the ejector", () => {
  it("tells every worker, once, of an endpoint at which many wait in several workers while its peer answers", async () => {
    await pass(2_000, () => ["a", "b"].forEach((id) => say(id, { answers: 2 })));
    await pass(3_000, (elapsed) => {
      say("b", { answers: 2 });
      for (const worker of [0, 1]) say("a", { standing: waiting(elapsed, elapsed > 1_000 ? 2 : 0) }, worker);
    });
    const message = { type: "eject", endpoint: "a", cause: "stuck" };
    expect(ejections()).toEqual([0, 1, 2].map((worker) => [worker, message]));
  });

  it("ejects nobody while most of a pool hangs, nor for what a late worker says", async () => {
    await pass(2_000, () => ["a", "b"].forEach((id) => say(id, { answers: 2 })));
    await pass(3_000, (elapsed) => {
      for (const id of ["a", "b"]) say(id, { standing: waiting(elapsed, elapsed > 1_000 ? 4 : 0) });
    });
    await pass(3_000, (elapsed) => {
      say("d", { answers: 2 });
      say("c", { standing: { ...waiting(elapsed, 4), stuck: undefined, stuckStreams: undefined } });
    });
    expect(ejections()).toEqual([]);
  });

  it("tells of one that became ten times slower than it was and than its peers, and from when on a probe is slow", async () => {
    await pass(60_000, () => ["a", "b", "c"].forEach((id) => say(id, { answers: 1 })));
    await pass(10_000, () => {
      say("a", { answers: 1, firstMs: 200 });
      for (const id of ["b", "c"]) say(id, { answers: 1 });
    });
    expect(ejections()[0]?.[1]).toMatchObject({ type: "eject", endpoint: "a", cause: "slow" });
    const message = told.find((each) => each.message.type === "eject")?.message;
    const slowMs = message?.type === "eject" ? (message.slowMs ?? 0) : 0;
    expect(slowMs).toBeGreaterThan(50);
    expect(slowMs).toBeLessThan(100);
  });

  it("has one suspected that is silent in all workers while another worker hears its peer", async () => {
    await pass(2_000, () => ["a", "b"].forEach((id) => say(id, { answers: 2 }, 1)));
    await pass(1_500, (elapsed) => {
      say("b", { answers: 2 }, 1);
      say("a", { standing: waiting(elapsed, elapsed > 1_000 ? 1 : 0) }, 0);
    });
    expect(toldOf("suspect").slice(0, 3)).toEqual(
      [0, 1, 2].map((worker) => [worker, { type: "suspect", endpoint: "a" }]),
    );
    told.length = 0;
    await pass(1_000, (elapsed) => {
      for (const id of ["a", "b"]) say(id, { answers: 1 }, 1);
      say("a", { standing: waiting(1_500 + elapsed, 1) }, 0);
    });
    expect(told).toEqual([]);
  });

  it("passes on what one worker has found out, and leaves alone what is ejected already", async () => {
    ejector.onEjected(1, { type: "ejected", endpoint: "a", cause: "stuck" });
    expect(told.map(({ worker }) => worker)).toEqual([0, 2]);
    told.length = 0;
    const ejected = { since: 1, reason: "stuck" } as const;
    await pass(2_000, () => say("b", { answers: 2 }));
    await pass(3_000, (elapsed) => {
      say("b", { answers: 2 });
      say("a", { standing: { ...waiting(elapsed, elapsed > 1_000 ? 4 : 0), ejected } });
    });
    expect(told).toEqual([]);
  });
});
