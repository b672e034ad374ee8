// Endpoints that let wait, are slow, or are to be left alone, and what becomes of their requests: real gateways, real sockets, faults on command.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { EndpointSnapshot, RequestEvidence } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import { endpoint, pool, route, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Asked {
  readonly sentAt: number;
  readonly tookMs: number;
  readonly status: number;
  readonly text: string;
}

/** So many a second, whatever becomes of them. */
async function askFor(ms: number, perSecond: number, ask: () => Promise<Reply>): Promise<readonly Asked[]> {
  const asked: Promise<Asked>[] = [];
  const from = performance.now();
  for (let count = 0; performance.now() - from < ms; count += 1) {
    const sentAt = performance.now() - from;
    asked.push(ask().then(({ status, text }) => ({ sentAt, tookMs: performance.now() - from - sentAt, status, text })));
    await pause(Math.max(1, ((count + 1) * 1_000) / perSecond - (performance.now() - from)));
  }
  return Promise.all(asked);
}

const evidenceIn = (rig: Rig): readonly RequestEvidence[] =>
  rig.signals.filter((signal): signal is RequestEvidence => signal.kind === "requests");
const ejectionsIn = (rig: Rig, name = "") =>
  evidenceIn(rig).filter(({ ejected, pool: id }) => ejected !== undefined && id.includes(name));
/** What an answer takes; less than what a busy machine adds to it would make the usual times spread. */
const USUAL = { delayMs: 60 };

describe("a plain service of two", () => {
  let rig: Rig;
  let version = 0;
  let life = 0;
  let upstreams: readonly [FakeUpstream, FakeUpstream];
  const [bad, good] = [() => upstreams[0], () => upstreams[1]];

  beforeAll(async () => {
    upstreams = [await createFakeUpstream(), await createFakeUpstream()];
    rig = await createRig({ listeners: ["public", "admin"] });
  });
  afterAll(async () => {
    await rig.dispose();
    await Promise.all(upstreams.map((upstream) => upstream.dispose()));
  });
  beforeEach(async () => {
    for (const upstream of upstreams) {
      upstream.reset();
      upstream.set(USUAL);
    }
    await publish();
    rig.signals.length = 0;
  });

  /** New endpoints, of which nothing is known, or the same ones again. */
  async function publish(more: Partial<EndpointSnapshot> = {}, isNew = true): Promise<void> {
    if (isNew) life += 1;
    version += 1;
    const served = snapshot(version, {
      listeners: ["public", "admin"],
      pools: [
        pool(`web-${life}`, [
          endpoint(`web/0@${life}`, bad().address.port, more),
          endpoint(`web/1@${life}`, good().address.port),
        ]),
      ],
      routes: [route("all", `web-${life}`)],
    });
    if (version > 1) {
      expect(await rig.publish(served)).toBe("applied");
      return;
    }
    rig.send(served);
    await rig.start().ready;
  }
  const get = () => send({ port: rig.port("public") });
  const post = (body: string) => send({ port: rig.port("public"), method: "POST", body });
  const metric = async (beginning: string): Promise<number> => {
    const { text } = await send({ port: rig.port("admin"), path: "/metrics" });
    const lines = text.split("\n").filter((line) => line.startsWith(beginning));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  };

  it("tells what moves, what waits and what is beyond the usual while nothing ends", async () => {
    good().set({ fault: { kind: "hang-before-headers" } });
    bad().set({ fault: { kind: "hang-before-headers" } });
    const waiting = Array.from({ length: 4 }, () => get());
    await rig.waitUntil(() => evidenceIn(rig).some(({ oldestWaitMs = 0 }) => oldestWaitMs > 700), "a wait");
    const said = evidenceIn(rig).findLast(({ oldestWaitMs = 0 }) => oldestWaitMs > 700);
    // Too little is known for a bound.
    expect(said).toMatchObject({ outcomes: {}, inFlight: 2, stuck: 0, stuckStreams: 0 });
    for (const upstream of upstreams) await upstream.refuse({ resetsOpen: true });
    await Promise.allSettled(waiting);
    for (const upstream of upstreams) await upstream.accept();
  });

  it("ejects one that hangs with many, answers what may be sent again elsewhere, and nothing twice that may not", async () => {
    const warm = await askFor(2_500, 60, get);
    expect(warm.every(({ status }) => status === 200)).toBe(true);
    await rig.waitUntil(() => evidenceIn(rig).some(({ firstToken }) => (firstToken?.count ?? 0) > 3), "times");
    expect(evidenceIn(rig).some(({ connect }) => (connect?.count ?? 0) > 0)).toBe(true);
    bad().set({ fault: { kind: "hang-before-headers" } });
    const posts = Array.from({ length: 6 }, (_, index) => post(`once-${index}`));
    const asked = await askFor(5_000, 40, get);
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200));
    expect(asked.filter(({ sentAt, tookMs }) => sentAt > 3_000 && tookMs > 500).length).toBeLessThanOrEqual(3);
    expect(ejectionsIn(rig, `web-${life}`)[0]?.ejected?.reason).toBe("stuck");
    expect(evidenceIn(rig).some(({ endpoint: id, stuck = 0 }) => id.startsWith("web/0") && stuck >= 3)).toBe(true);
    expect(await metric(`flyball_ejections_total{pool="web-${life}",reason="stuck"}`)).toBeGreaterThan(0);
    const hung = bad().requests.filter(({ method, outcome }) => method === "POST" && outcome === "open");
    expect(hung.length).toBeGreaterThan(0);
    const bodies = new Set(hung.map(({ body }) => body.toString()));
    expect(good().requests.filter(({ method, body }) => method === "POST" && bodies.has(body.toString()))).toEqual([]);
    await bad().refuse({ resetsOpen: true });
    await Promise.all(posts);
    await bad().accept();
  });

  it("ejects nobody while both hang, nor for one slow request", async () => {
    await askFor(2_000, 60, get);
    let isLong = true;
    bad().set({
      respond: () => {
        if (!isLong) return undefined;
        isLong = false;
        async function* late(): AsyncGenerator<string> {
          await pause(3_000);
          yield "late";
        }
        return { status: 200, headers: {}, body: late() };
      },
    });
    const before = bad().counts.requests;
    const asked = await askFor(4_000, 20, get);
    expect(asked.every(({ status }) => status === 200)).toBe(true);
    expect(bad().counts.requests - before).toBeGreaterThan(10);
    for (const upstream of upstreams) upstream.set({ respond: undefined, delayMs: 4_000 });
    const slow = await askFor(3_000, 20, get);
    expect(slow.every(({ status }) => status === 200)).toBe(true);
    expect(ejectionsIn(rig, `web-${life}`)).toEqual([]);
  });

  it("takes nine of ten requests from one that became ten times slower", async () => {
    await askFor(35_000, 30, get);
    bad().set({ delayMs: 10 * USUAL.delayMs });
    await askFor(10_000, 30, get);
    const before = bad().counts.requests;
    const asked = await askFor(5_000, 30, get);
    expect((bad().counts.requests - before) / asked.length).toBeLessThan(0.1);
    expect(ejectionsIn(rig, `web-${life}`)[0]?.ejected?.reason).toBe("slow");
  });

  it("sends nothing to one that control asks to leave alone, but where nobody else can serve", async () => {
    const before = bad().counts.requests;
    await publish({ ejected: true }, false);
    await askFor(1_000, 40, get);
    expect(bad().counts.requests - before).toBe(0);
    await rig.waitUntil(() => ejectionsIn(rig, `web-${life}`).length > 0, "it in the evidence");
    expect(ejectionsIn(rig, `web-${life}`)[0]?.ejected?.reason).toBe("asked");
    await good().refuse({ resetsOpen: true });
    const alone = await askFor(1_000, 20, get);
    expect(alone.every(({ status }) => status === 200)).toBe(true);
    expect(bad().counts.requests - before).toBeGreaterThan(10);
    await good().accept();
    await publish({}, false);
    const itsLast = () => evidenceIn(rig).findLast(({ endpoint: id }) => id === `web/0@${life}`);
    await rig.waitUntil(() => itsLast()?.ejected === undefined, "its return");
    await expect.poll(async () => (await get()).status).toBe(200);
  });
});

describe("a model at two places", () => {
  let stage: ModelStage;
  const bad = () => stage.upstreams[0] as FakeUpstream;
  beforeAll(async () => {
    stage = await createModelStage(2);
  });
  afterAll(() => stage.dispose());
  afterEach(() => {
    for (const upstream of stage.upstreams) upstream.reset();
    stage.rig.signals.length = 0;
  });
  const ask = (more: object = {}) => stage.ask("chat", more);

  it("answers calls at the other one when one hangs before its first token, streamed or not", async () => {
    await stage.serve({ chat: { backends: [stage.pool([0, 1])] } });
    for (const upstream of stage.upstreams) upstream.set(USUAL);
    await askFor(3_000, 30, () => ask({ stream: true }));
    await askFor(3_000, 30, () => ask());
    bad().set({ fault: { kind: "hang-before-headers" } });
    let isStream = false;
    const asked = await askFor(6_000, 20, () => {
      isStream = !isStream;
      return ask({ stream: isStream });
    });
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200));
    expect(asked.every(({ text }) => text.includes("three"))).toBe(true);
    expect(ejectionsIn(stage.rig)[0]?.ejected?.reason).toBe("stuck");
  });

  it("sees streams that fall silent, and takes them up at the other one where that is allowed", async () => {
    await stage.serve({ chat: { backends: [stage.pool([0, 1], { traits: "vllm" })], isResumed: true } });
    const paced = { ...DEFAULT_MODEL, paceMs: 60 };
    for (const upstream of stage.upstreams) upstream.set({ ...USUAL, model: paced });
    await askFor(3_500, 30, () => ask({ stream: true }));
    const gaps = evidenceIn(stage.rig).filter(({ gap }) => gap !== undefined);
    expect(gaps.length).toBeGreaterThan(0);
    bad().set({ model: { ...paced, trouble: { atPiece: 1, kind: "stall" } } });
    const asked = await askFor(9_000, 10, () => ask({ stream: true }));
    expect(asked.every(({ text }) => text.includes("[DONE]"))).toBe(true);
    expect(evidenceIn(stage.rig).some(({ stuckStreams = 0 }) => stuckStreams > 0)).toBe(true);
    expect(ejectionsIn(stage.rig)[0]?.ejected?.reason).toBe("stuck");
  });

  it("leaves one alone at its first 429, in a pool and beside it, and asks little more often than it was asked", async () => {
    for (const backends of [() => [stage.pool([0, 1])], () => [stage.provider(0), stage.provider(1)]]) {
      await stage.serve({ chat: { backends: backends() } });
      await askFor(1_000, 50, () => ask());
      const [before = 0] = stage.counts();
      bad().set({ status: 429, headers: { "retry-after": "30" }, body: "{}", model: undefined });
      const asked = await askFor(3_000, 60, () => ask());
      expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200));
      const refused = (stage.counts()[0] ?? 0) - before;
      // Those within a tenth of a second of the first.
      expect(refused).toBeLessThanOrEqual(7);
      expect((asked.length + refused) / asked.length).toBeLessThanOrEqual(1.2);
      await stage.rig.waitUntil(() => evidenceIn(stage.rig).some(({ rateLimited = 0 }) => rateLimited > 0), "the 429");
      bad().reset();
    }
  });
});
