// A client that leaves in the rarer phases of a model call: while its answer is taken up elsewhere, while two attempts race, while it waits
// for a lease. All work for it ends within 100 ms, and what was used is settled.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { NO_LIMITS, type LedgerRecord } from "@flyball/core";
import {
  DEFAULT_MODEL,
  modelAnswer,
  type FakeUpstream,
  type RecordedRequest,
  type UpstreamAnswer,
} from "@flyball/fakes";
import { HAS_REDIS, REDIS_HINT, startRedis } from "../limits/lease/testdata/redis-server.ts";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import { settledRecords } from "../testdata/settled-records.ts";
import { key, TIMEOUTS } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const LIMIT_MS = 100;
const SCRIPT = { ...DEFAULT_MODEL, parts: [{ kind: "text" as const, pieces: ["One", " two", " three", " four"] }] };

let stage: ModelStage;
beforeAll(async () => {
  stage = await createModelStage(2);
});
afterAll(() => stage.dispose());
afterEach(() => stage.upstreams.forEach((upstream) => upstream.reset()));

async function inFlight(): Promise<number> {
  const view = (await send({ port: stage.rig.port("admin"), path: "/endpoints" })).json() as {
    readonly pools: readonly { readonly endpoints: readonly { readonly inFlight: number }[] }[];
  };
  return view.pools.flatMap(({ endpoints }) => endpoints).reduce((sum, each) => sum + each.inFlight, 0);
}

/** Every request that is under way upstream ends in time, and no place is kept. */
async function expectFreed(leave: () => void): Promise<void> {
  const open = (): number => stage.upstreams.reduce((sum, { counts }) => sum + counts.open, 0);
  expect(open()).toBeGreaterThan(0);
  const leftAt = performance.now();
  leave();
  await Promise.all(stage.upstreams.map((upstream) => upstream.until(({ open: count }) => count === 0)));
  expect(performance.now() - leftAt).toBeLessThan(LIMIT_MS);
  await expect.poll(inFlight).toBe(0);
}

/** The record that the journal got, of the newest call. */
async function record(before: number): Promise<LedgerRecord> {
  const found = async (): Promise<readonly LedgerRecord[]> =>
    (await settledRecords(stage.rig.journalFolder)).slice(before);
  await expect.poll(async () => (await found()).length, { timeout: 3_000 }).toBe(1);
  return (await found())[0] as LedgerRecord;
}
const recorded = async (): Promise<number> => (await settledRecords(stage.rig.journalFolder)).length;

/** Opens a stream and waits until its text holds this. */
async function openUntil(text: string) {
  const request = stage.open("chat", { stream: true });
  await new Promise<void>((resolve) => {
    let seen = "";
    request.once("response", (response) => {
      response.on("error", () => undefined);
      response.on("data", (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes(text)) resolve();
      });
    });
  });
  return request;
}

describe("a client leaves while its answer", () => {
  const goesOn = (request: RecordedRequest): boolean => request.body.includes("continue_final_message");
  /** Whoever is asked first is cut after two pieces; who goes on answers so. */
  function cutThen(answer: (request: RecordedRequest) => UpstreamAnswer | undefined): void {
    const cut = { ...SCRIPT, trouble: { kind: "cut" as const, atPiece: 2 } };
    const respond = (request: RecordedRequest) => (goesOn(request) ? answer(request) : modelAnswer(cut, request));
    stage.upstreams.forEach((upstream) => upstream.set({ respond }));
  }
  const serve = () =>
    stage.serve({
      chat: {
        isResumed: true,
        backends: [stage.pool([0, 1], { traits: "vllm" })],
        timeouts: { ...TIMEOUTS, gapMs: 0 },
      },
    });
  const isAskedToGoOn = (): boolean => [0, 1].some((upstream) => stage.asked(upstream).some(goesOn));

  it("is asked for elsewhere and nothing has come yet", async () => {
    await serve();
    const before = await recorded();
    const mute = { status: 200, headers: {}, body: "", fault: { kind: "hang-before-headers" } } as const;
    cutThen(() => mute);
    const request = await openUntil(" two");
    await stage.rig.waitUntil(isAskedToGoOn, "the request that goes on");
    await expectFreed(() => request.destroy());
    const { outcome, usage } = await record(before);
    expect(outcome).toBe("cancelled");
    // What the first backend has said is paid for.
    expect(usage.output).toBeGreaterThanOrEqual(2);
  });

  it("goes on elsewhere", async () => {
    await serve();
    const before = await recorded();
    cutThen((request) => modelAnswer({ ...SCRIPT, trouble: { kind: "stall", atPiece: 1 } }, request));
    const request = await openUntil(" three");
    await expectFreed(() => request.destroy());
    const { outcome, usage, isResumed } = await record(before);
    expect([outcome, isResumed]).toEqual(["cancelled", true]);
    expect(usage.output).toBeGreaterThanOrEqual(3);
  });
});

describe("a client leaves while two attempts race", () => {
  it("and both end", async () => {
    await stage.serve({ chat: { backends: [stage.pool([0, 1])], hedge: { afterMs: 50, costCap: 1 } } });
    const before = await recorded();
    stage.upstreams.forEach((upstream) => upstream.set({ fault: { kind: "hang-before-headers" } }));
    const request = stage.open("chat", { stream: true });
    await stage.rig.waitUntil(() => stage.counts().every((count) => count === 1), "both attempts");
    await expectFreed(() => request.destroy());
    expect(await record(before)).toMatchObject({ outcome: "cancelled", isHedged: true });
  });

  it("or the second one has not begun, and it never does", async () => {
    await stage.serve({ chat: { backends: [stage.pool([0, 1])], hedge: { afterMs: 300, costCap: 1 } } });
    stage.upstreams.forEach((upstream) => upstream.set({ fault: { kind: "hang-before-headers" } }));
    const request = stage.open("chat", { stream: true });
    const asked = (): number => stage.counts().reduce((sum, count) => sum + count, 0);
    await stage.rig.waitUntil(() => asked() === 1, "the first attempt");
    await expectFreed(() => request.destroy());
    await new Promise<void>((resolve) => void setTimeout(resolve, 400));
    expect(asked()).toBe(1);
  });
});

describe.skipIf(!HAS_REDIS)(`a client leaves while it waits for a lease${REDIS_HINT}`, () => {
  // On a machine short of processors some of them leave only after the 25 ms for which they wait.
  it("and it is never sent, nor refused", { retry: 3 }, async () => {
    const redis = await startRedis();
    const shared = await createModelStage(1);
    const [upstream] = shared.upstreams as [FakeUpstream];
    // Of so little nothing is kept at hand: each call waits for the store.
    const rates = [{ unit: "requests", limit: 3, windowMs: 60_000 }] as const;
    try {
      await shared.serve(
        { chat: { backends: [shared.provider(0)] } },
        {
          keys: [{ ...key("fb-key", "secret", ["chat"]), limits: { ...NO_LIMITS, rates, ratesOnStoreLoss: "refuse" } }],
          limitStore: { url: redis.url },
        },
      );
      expect((await shared.ask("chat")).status).toBe(200);
      // Nothing is leased from here on; that the store is lost is found out only later.
      redis.pause();
      const [sent, refusals] = [upstream.counts.requests, await shared.metric("flyball_limit_refusals_total")];
      const leaving = Array.from({ length: 6 }, () => shared.open("chat"));
      await Promise.all(leaving.map((request) => new Promise((resolve) => request.once("finish", resolve))));
      await new Promise<void>((resolve) => void setTimeout(resolve, 5));
      leaving.forEach((request) => request.destroy());
      await new Promise<void>((resolve) => void setTimeout(resolve, 60));
      expect(upstream.counts.requests).toBe(sent);
      expect((await shared.metric("flyball_limit_refusals_total")) - refusals).toBeLessThan(leaving.length / 2);
      redis.resume();
      // What they would have used is there for others.
      let served = 1;
      await expect
        .poll(
          async () => {
            served += (await shared.ask("chat")).status === 200 ? 1 : 0;
            return served;
          },
          { timeout: 10_000, interval: 20 },
        )
        .toBe(3);
    } finally {
      redis.resume();
      await shared.dispose();
      await redis.dispose();
    }
  });
});
