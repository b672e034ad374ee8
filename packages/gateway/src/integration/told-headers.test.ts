// What every answer tells about itself, errors and streams that were held included: its id, who was asked, how often, how long it took.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { NO_LIMITS } from "@flyball/core";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import { key, route } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 40_000, hookTimeout: 30_000 });

let stage: ModelStage;
let only: string;
beforeAll(async () => {
  stage = await createModelStage(2);
});
afterAll(() => stage.dispose());
beforeEach(() => {
  only = `chat/${stage.poolId([0])}`;
  const rates = [{ unit: "requests", limit: 1, windowMs: 60_000 }] as const;
  return stage.serve(
    {
      chat: { backends: [stage.provider(0), stage.provider(1)] },
      only: {
        backends: [stage.pool([0])],
        timeouts: { connectMs: 500, firstByteMs: 20_000, gapMs: 5_000, totalMs: 0 },
      },
    },
    {
      keys: [
        key("fb-key", "secret", ["chat", "only"]),
        { ...key("fb-scarce", "secret", ["chat"]), limits: { ...NO_LIMITS, rates } },
      ],
      routes: [route("plain", stage.poolId([0]), { match: { pathPrefix: "/here" } })],
    },
  );
});
afterEach(() => stage.upstreams.forEach((upstream) => upstream.reset()));

/** Attempts and the backend, after the other two were looked at. */
function told({ headers }: Reply): readonly [attempts: unknown, backend: string | undefined] {
  expect(headers["x-request-id"]).toMatch(/^[\x21-\x7e]+$/);
  expect(headers["server-timing"]).toMatch(/^total;dur=\d+(\.\d)?$/);
  const backend = headers["x-flyball-backend"] as string | undefined;
  return [headers["x-flyball-attempts"], backend?.split(".")[0]];
}

const lost = { fault: { kind: "reset" } } as const;

describe("an error of a model call tells its attempts and the backend asked last", () => {
  it.each([
    ["an unknown key", () => stage.ask("chat", {}, { headers: { authorization: "Bearer wrong" } }), 401],
    ["an unknown model", () => stage.ask("nothing"), 404],
    ["an unknown path", () => stage.ask("chat", {}, { path: "/v1/nothing" }), 404],
    ["a body that is none", () => stage.ask("chat", {}, { body: Buffer.from("{") }), 400],
  ] as const)("%s: nobody was asked", async (_what, ask, status) => {
    const reply = await ask();
    expect([reply.status, ...told(reply)]).toEqual([status, "0", undefined]);
  });

  it("a limit: nobody was asked", async () => {
    const headers = { authorization: "Bearer fb-scarce" };
    expect(told(await stage.ask("chat", {}, { headers }))).toEqual(["1", "b0"]);
    const reply = await stage.ask("chat", {}, { headers });
    expect([reply.status, ...told(reply)]).toEqual([429, "0", undefined]);
  });

  it.each([false, true])("backends that were all lost (stream: %s)", async (stream) => {
    stage.upstreams.forEach((upstream) => upstream.set(lost));
    const reply = await stage.ask("chat", { stream });
    const asked = stage.counts().reduce((sum, count) => sum + count, 0);
    expect(asked).toBeGreaterThan(1);
    expect([reply.status, ...told(reply)]).toEqual([502, String(asked), "b1"]);
  });

  it("backends that all rest", async () => {
    const headers = { "retry-after": "30", "content-type": "application/json" };
    stage.upstreams.forEach((upstream) => upstream.set({ status: 429, headers, model: undefined }));
    const first = await stage.ask("chat");
    expect([first.status, ...told(first)]).toEqual([429, "2", "b1"]);
    const second = await stage.ask("chat");
    expect([second.status, ...told(second)]).toEqual([429, "0", undefined]);
  });

  it("and an answer counts the attempts that were lost before it", async () => {
    stage.upstreams[0]?.set(lost);
    expect(told(await stage.ask("chat"))).toEqual(["2", "b1"]);
  });
});

describe("an error on a plain route", () => {
  const plain = (path: string): Promise<Reply> => send({ port: stage.rig.port("public"), path, body: "x" });

  it("tells its attempts", async () => {
    const nowhere = await plain("/nowhere");
    expect([nowhere.status, ...told(nowhere)]).toEqual([404, "0", undefined]);
    stage.upstreams[0]?.set(lost);
    const failed = await plain("/here");
    expect([failed.status, ...told(failed)]).toEqual([502, "1", undefined]);
  });
});

describe("a stream that is held for ten seconds", () => {
  it("tells who is asked and, once it begins, who answers; an answer that is none names the model", async () => {
    stage.upstreams[0]?.set({ delayMs: 10_600 });
    const asked = (count: number): Promise<void> =>
      stage.rig.waitUntil(() => stage.counts()[0] === count, `${count} requests`);
    /** As if nobody had asked for a stream. */
    const askForJson = async (count: number, bytes: number): Promise<Reply> => {
      await asked(count);
      const body = JSON.stringify({ choices: [], pad: "x".repeat(bytes) });
      const json = { status: 200, headers: { "content-type": "application/json" }, body };
      stage.upstreams[0]?.setNext({ respond: () => json });
      return stage.ask("only", { stream: true });
    };
    const [stream, whole, long] = await Promise.all([
      stage.ask("only", { stream: true }),
      askForJson(1, 10),
      askForJson(2, 600_000),
    ]);
    expect([stream.status, ...told(stream)]).toEqual([200, "1", only]);
    expect(stream.text).toContain(`\n: answered by ${only}, attempts 1\n\n`);
    expect(stream.text.endsWith("data: [DONE]\n\n")).toBe(true);
    for (const reply of [whole, long]) {
      expect([reply.status, told(reply)[0]]).toEqual([200, "1"]);
      expect(reply.text).toContain("FB_GATEWAY_BACKENDS_FAILED");
      expect(reply.text).toMatch(/\bonly\b/);
      expect(reply.text).not.toContain("xxx");
    }
  });
});
