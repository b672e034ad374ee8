// What a pool is sent beyond what it was asked: a fifth of the requests of the last ten seconds and ten a second, whatever fails and
// however. A death of one instance is carried by that.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import { route } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const CALLS = 900;
const AT_ONCE = 30;
/** Times that an instance's work is told to end with its connection. */
const RESET = { fault: { kind: "reset" } } as const;

let stage: ModelStage;
beforeAll(async () => {
  stage = await createModelStage(3);
});
afterAll(() => stage.dispose());
beforeEach(() =>
  stage.serve(
    { chat: { backends: [stage.pool([0, 1, 2])] }, pair: { backends: [stage.pool([0, 1])] } },
    {
      routes: [
        route("plain", stage.poolId([0, 1, 2])),
        route("pair", stage.poolId([0, 1]), { match: { pathPrefix: "/pair" } }),
      ],
    },
  ),
);
afterEach(() => stage.upstreams.forEach((upstream) => upstream.reset()));

const KINDS = [
  ["model calls", () => stage.ask("chat")],
  ["streamed model calls", () => stage.ask("chat", { stream: true })],
  ["plain requests", () => send({ port: stage.rig.port("public"), method: "PUT", body: "x" })],
] as const;

/** So many requests, some at once; how many attempts there were beyond them, and how many there may be. */
async function storm(ask: () => Promise<unknown>): Promise<{ readonly extra: number; readonly most: number }> {
  const beganAt = performance.now();
  let left = CALLS;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while ((left -= 1) >= 0) await ask();
    }),
  );
  const seconds = Math.ceil((performance.now() - beganAt) / 1_000);
  const attempts = stage.counts().reduce((sum, count) => sum + count, 0);
  return { extra: attempts - CALLS, most: CALLS * 0.2 + 10 * (10 + seconds) };
}

describe.each(KINDS)("a storm over %s", (_name, ask) => {
  it.each([
    ["whose connections are all lost", RESET],
    ["whose answers are all errors", { status: 500 }],
  ])("%s is not doubled", async (_what, trouble) => {
    stage.upstreams.forEach((upstream) => upstream.set(trouble));
    const { extra, most } = await storm(ask);
    expect(extra).toBeLessThanOrEqual(most);
  });
});

describe("streams that go on elsewhere", () => {
  it("and are cut again and again draw on the same budget", async () => {
    await stage.serve({ chat: { backends: [stage.pool([0, 1, 2], { traits: "vllm" })], isResumed: true } });
    for (const upstream of stage.upstreams) {
      const model = { model: "m", parts: [{ kind: "text" as const, pieces: ["a", "b", "c", "d", "e", "f"] }] };
      const trouble = { kind: "cut" as const, atPiece: 1 };
      upstream.set({ model: { ...model, finish: "stop", usage: undefined, paceMs: 0, trouble } });
    }
    const { extra, most } = await storm(() => stage.ask("chat", { stream: true }));
    // The first time that an answer goes on is free: what was delivered is not made again.
    expect(extra).toBeLessThanOrEqual(CALLS + most);
  });
});

describe("an instance of two that dies", () => {
  const IN_FLIGHT = 90;
  it.each([
    ["model calls", () => stage.ask("pair")],
    ["streamed model calls", () => stage.ask("pair", { stream: true })],
    ["plain requests", () => send({ port: stage.rig.port("public"), path: "/pair", method: "PUT", body: "x" })],
  ])("fails none of the %s that are under way at it", async (_name, ask) => {
    const [dying, other] = stage.upstreams;
    dying?.set({ fault: { kind: "hang-before-headers" } });
    other?.set({ delayMs: 1_500 });
    const asked = Array.from({ length: 2 * IN_FLIGHT }, ask);
    await stage.rig.waitUntil(() => (stage.counts()[0] ?? 0) + (stage.counts()[1] ?? 0) === 2 * IN_FLIGHT, "all");
    expect(stage.counts()[0]).toBeGreaterThanOrEqual(IN_FLIGHT - 5);
    await dying?.refuse({ resetsOpen: true });
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    await dying?.accept();
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  });
});
