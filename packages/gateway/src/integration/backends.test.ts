// Which backend answers: their order, conditions, weights, fallbacks to other models, larger contexts, and how long the first token of one
// may take before it is another one's turn.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { DEFAULT_MODEL } from "@flyball/fakes";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import type { Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: ModelStage;
beforeAll(async () => {
  stage = await createModelStage(4);
});
afterAll(() => stage.dispose());
afterEach(async () => {
  stage.upstreams.forEach((upstream) => upstream.reset());
  await Promise.all(stage.upstreams.map((upstream) => upstream.accept()));
});

/** `b1` of the id of the backend that answered. */
const from = ({ headers }: Reply): string => String(headers["x-flyball-backend"]).split(".")[0] as string;
const fails = (...upstreams: readonly number[]): void =>
  upstreams.forEach((upstream) => stage.upstreams[upstream]?.set({ status: 500, model: undefined }));

async function askMany(count: number, atOnce = 20): Promise<readonly Reply[]> {
  const replies: Reply[] = [];
  while (replies.length < count) {
    replies.push(...(await Promise.all(Array.from({ length: atOnce }, () => stage.ask("chat")))));
  }
  return replies;
}

describe("fallbacks to other models", () => {
  const serve = () =>
    stage.serve({
      chat: { backends: [stage.provider(0, "vllm", { model: "large" })], fallbacks: ["medium", "small"] },
      medium: { backends: [stage.provider(1, "vllm", { model: "medium" })], fallbacks: ["never"] },
      small: { backends: [stage.provider(2, "vllm", { model: "small" })] },
      never: { backends: [stage.provider(3, "vllm", { model: "never" })] },
    });

  it("are asked in their order when no backend of the model can answer, whole and streamed", async () => {
    await serve();
    expect(from(await stage.ask("chat"))).toBe("b0");
    fails(0);
    expect(from(await stage.ask("chat"))).toBe("b1");
    expect(from(await stage.ask("chat", { stream: true }))).toBe("b1");
    fails(0, 1);
    const last = await stage.ask("chat");
    expect([last.status, from(last), last.json().choices[0].message.content]).toEqual([200, "b2", "One two three"]);
    expect(stage.asked(2)[0]?.json.model).toBe("small");
    // Under the name that was asked for: another model had to stand in.
    expect(last.json().model).toBe("chat");
  });

  it("have no fallbacks of their own here, and the last error is told when all have failed", async () => {
    await serve();
    fails(0, 1, 2);
    const reply = await stage.ask("chat");
    expect([reply.status, stage.counts()]).toEqual([500, [1, 1, 1, 0]]);
  });

  it("need no grant of their own", async () => {
    await serve();
    fails(0);
    const { key } = await import("../testdata/snapshots.ts");
    await stage.serve(
      {
        chat: { backends: [stage.provider(0)], fallbacks: ["small"] },
        small: { backends: [stage.provider(1)] },
      },
      { keys: [key("fb-key", "secret", ["chat"])] },
    );
    expect(from(await stage.ask("chat"))).toBe("b1");
    expect((await stage.ask("small")).status).toBe(404);
  });
});

describe("conditions of use", () => {
  const serve = () =>
    stage.serve({
      chat: {
        backends: [
          stage.provider(0, "vllm"),
          stage.provider(1, "vllm", { use: ["saturated"] }),
          stage.provider(2, "vllm", { use: ["unavailable"] }),
        ],
      },
    });

  it("leave all calls to the first while it has room", async () => {
    await serve();
    await askMany(40);
    expect(stage.counts()).toEqual([40, 0, 0, 0]);
  });

  it("unavailable: takes over when the first is gone, and gives way when it is back", async () => {
    await serve();
    await stage.upstreams[0]?.refuse({ resetsOpen: true });
    const replies = await askMany(40);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(stage.counts()).toEqual([0, 0, 40, 0]);
    await stage.upstreams[0]?.accept();
    await expect.poll(async () => from(await stage.ask("chat")), { timeout: 8_000, interval: 50 }).toBe("b0");
  });

  it("saturated: takes what the first has no place for, and nothing more", async () => {
    await serve();
    stage.upstreams[0]?.set({ fault: { kind: "hang-before-headers" } });
    // As many as one endpoint may have connections in a worker.
    const full = Array.from({ length: 256 }, () => stage.open("chat"));
    await stage.rig.waitUntil(() => stage.counts()[0] === 256, "a full backend");
    const replies = await askMany(20);
    expect(replies.map(from)).toEqual(Array(20).fill("b1"));
    expect(stage.counts()).toEqual([256, 20, 0, 0]);
    full.forEach((request) => request.destroy());
    await stage.rig.waitUntil(() => stage.upstreams[0]?.counts.open === 0, "an empty backend");
    stage.upstreams[0]?.reset();
    expect(from(await stage.ask("chat"))).toBe("b0");
  });
});

describe("weights", () => {
  const serve = () =>
    stage.serve({
      chat: { backends: [stage.provider(0, "vllm", { weight: 3 }), stage.provider(1, "vllm", { weight: 1 })] },
    });

  it("share the calls: 3 to 1", async () => {
    await serve();
    await askMany(800);
    // Four and a half standard deviations to each side.
    expect((stage.counts()[0] ?? 0) / 800).toBeGreaterThan(0.68);
    expect((stage.counts()[0] ?? 0) / 800).toBeLessThan(0.82);
  });

  it("give the other one everything that one fails", async () => {
    await serve();
    fails(1);
    const replies = await askMany(80);
    expect(replies.map(from)).toEqual(Array(80).fill("b0"));
  });
});

describe("a prompt that is too long", () => {
  const refuses = (upstream: number): void => {
    const error = { message: "maximum context length is 8192 tokens", code: "context_length_exceeded" };
    const headers = { "content-type": "application/json" };
    stage.upstreams[upstream]?.set({ status: 400, headers, body: JSON.stringify({ error }), model: undefined });
  };
  const serve = () =>
    stage.serve({
      chat: {
        backends: [
          stage.provider(0, "vllm", { contextTokens: 8_192 }),
          stage.provider(1, "vllm", { contextTokens: 4_096 }),
          stage.provider(2, "vllm", { contextTokens: 131_072 }),
        ],
      },
    });

  it.each([false, true])(
    "goes to a backend that takes more, and to none that takes less (stream: %s)",
    async (stream) => {
      await serve();
      refuses(0);
      const reply = await stage.ask("chat", { stream });
      expect([reply.status, from(reply), stage.counts()]).toEqual([200, "b2", [1, 0, 1, 0]]);
    },
  );

  it("is told where nobody takes more", async () => {
    await stage.serve({
      chat: {
        backends: [
          stage.provider(0, "vllm", { contextTokens: 8_192 }),
          stage.provider(1, "vllm", { contextTokens: 8_192 }),
          stage.provider(2, "vllm"),
        ],
      },
    });
    refuses(0);
    const reply = await stage.ask("chat");
    expect([reply.status, reply.json().error.code, stage.counts()]).toEqual([
      400,
      "context_length_exceeded",
      [1, 0, 0, 0],
    ]);
  });

  it("ends in an answer also when the larger one fails", async () => {
    await serve();
    refuses(0);
    fails(2);
    const reply = await Promise.race([
      stage.ask("chat"),
      new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), 3_000)),
    ]);
    expect([reply?.status, stage.counts()]).toEqual([500, [1, 0, 1, 0]]);
  });

  it("does not count as a failure of the backend", async () => {
    await serve();
    refuses(0);
    for (let call = 0; call < 20; call += 1) expect(from(await stage.ask("chat"))).toBe("b2");
    expect(stage.counts()[0]).toBe(20);
  });
});

describe("the time until the first token", () => {
  const FLOOR_MS = 800;
  const serve = () =>
    stage.serve({
      chat: { backends: [stage.provider(0, "vllm"), stage.provider(1, "vllm")], firstTokenMs: FLOOR_MS },
    });
  const stream = (): Promise<Reply> => stage.ask("chat", { stream: true });

  it("is bounded by the floor while little is known, and the next backend answers", async () => {
    await serve();
    stage.upstreams[0]?.set({ delayMs: FLOOR_MS + 300 });
    const beganAt = performance.now();
    expect(from(await stream())).toBe("b1");
    expect(performance.now() - beganAt).toBeGreaterThan(FLOOR_MS - 20);
    expect(performance.now() - beganAt).toBeLessThan(FLOOR_MS + 300);
  });

  it("is bounded by three times what a hundred answers took, and by that still", async () => {
    // Another model, of which nothing is known.
    const backends = [stage.provider(0, "vllm"), stage.provider(1, "vllm")];
    await stage.serve({ learner: { backends, firstTokenMs: FLOOR_MS } });
    const ask = (): Promise<Reply> => stage.ask("learner", { stream: true });
    stage.upstreams[0]?.set({ delayMs: 600 });
    for (let round = 0; round < 9; round += 1) await Promise.all(Array.from({ length: 14 }, ask));
    // Above the floor, below the bound of 1,800 ms and more.
    stage.upstreams[0]?.set({ delayMs: FLOOR_MS + 400 });
    expect(from(await ask())).toBe("b0");
    stage.upstreams[0]?.set({ delayMs: 20_000 });
    const beganAt = performance.now();
    expect(from(await ask())).toBe("b1");
    expect(performance.now() - beganAt).toBeGreaterThan(1_700);
    expect(performance.now() - beganAt).toBeLessThan(6_000);
  });

  it("does not bound whole answers", async () => {
    await serve();
    stage.upstreams[0]?.set({ delayMs: FLOOR_MS + 300, model: DEFAULT_MODEL });
    expect(from(await stage.ask("chat"))).toBe("b0");
  });
});
