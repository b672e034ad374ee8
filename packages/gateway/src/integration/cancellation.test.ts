// A client that leaves must free everything within 100 ms, whatever the phase.
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { open, send } from "../testdata/test-client.ts";
import { startUpstream, type Answer, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const LIMIT_MS = 100;
let rig: Rig;
let web: TestUpstream;

beforeAll(async () => {
  web = await startUpstream();
  rig = await createRig({ listeners: ["public", "models", "admin"], secrets: { "@keys": "s" } });
  rig.send(
    snapshot(1, {
      listeners: ["public", "models", "admin"],
      pools: [pool("web", [endpoint("web/0@1", web.port)]), pool("empty", [])],
      routes: [route("all", "web"), route("none", "empty", { match: { pathPrefix: "/none" } })],
      models: [model("chat", ["web"])],
      keys: [key("k", "s", ["chat"])],
    }),
  );
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await web.kill();
});
beforeEach(() => {
  web.received.length = 0;
});

async function inFlight(): Promise<number> {
  const reply = await send({ port: rig.port("admin"), path: "/endpoints" });
  return reply.json().pools[0].endpoints[0].inFlight;
}

async function expectFreed(leftAt: number): Promise<void> {
  await rig.waitUntil(() => web.received[0]?.abortedAt !== undefined, "the upstream's end", 2_000);
  expect((web.received[0]?.abortedAt ?? 0) - leftAt).toBeLessThan(LIMIT_MS);
  expect(await inFlight()).toBe(0);
}

const mute: Answer = () => undefined;
const headersOnly: Answer = (_request, response) => void response.writeHead(200).flushHeaders();
const streams: Answer = (_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const timer = setInterval(() => response.write('data: {"choices":[{"delta":{"content":"x"}}]}\n\n'), 10);
  response.once("close", () => clearInterval(timer));
};

describe.each([
  ["plain", "public", "/", "x"],
  ["model", "models", "/v1/chat/completions", '{"model":"chat","stream":true}'],
  ["model without a stream", "models", "/v1/chat/completions", '{"model":"chat"}'],
])("a client of a %s call leaves", (_name, listener, path, body) => {
  const begin = () => {
    const request = open({ port: rig.port(listener), path, method: "POST", headers: { authorization: "Bearer k" } });
    request.end(body);
    return request;
  };

  it("before the response's headers", async () => {
    web.answer = mute;
    const request = begin();
    await rig.waitUntil(() => web.received.length === 1, "the request");
    const leftAt = performance.now();
    request.destroy();
    await expectFreed(leftAt);
  });

  it("after the headers and before the body", async () => {
    web.answer = headersOnly;
    const request = begin();
    await rig.waitUntil(() => web.received.length === 1, "the request");
    await new Promise((resolve) => setTimeout(resolve, 50));
    const leftAt = performance.now();
    request.destroy();
    await expectFreed(leftAt);
  });

  it("in the middle of the body", async () => {
    web.answer = streams;
    const request = begin();
    await new Promise((resolve) => request.once("response", (response) => response.once("data", resolve)));
    const leftAt = performance.now();
    request.destroy();
    await expectFreed(leftAt);
  });
});

describe("a client leaves", () => {
  it("while it uploads", async () => {
    web.answer = mute;
    const request = open({ port: rig.port("public"), method: "POST" });
    request.write("x".repeat(100_000));
    await rig.waitUntil(() => web.received[0]?.body.length === 100_000, "the first piece");
    const leftAt = performance.now();
    request.destroy();
    await expectFreed(leftAt);
  });

  it("while the upstream waits for it to read", async () => {
    web.answer = (_request, response) => {
      const piece = Buffer.alloc(256 * 1024);
      const write = (): void => {
        while (response.write(piece));
      };
      response.on("drain", write);
      write();
    };
    const socket = connect(rig.port("public"), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const leftAt = performance.now();
    socket.resetAndDestroy();
    await expectFreed(leftAt);
  });

  it("while it waits for an endpoint, and its place in the queue is free", async () => {
    const requests = Array.from({ length: 50 }, () => {
      const request = open({ port: rig.port("public"), path: "/none" });
      request.end();
      return request;
    });
    const waiting = async (): Promise<string> => {
      const text = (await send({ port: rig.port("admin"), path: "/metrics" })).text;
      return /flyball_requests_waiting\{pool="empty"\} (\d+)/.exec(text)?.[1] ?? "";
    };
    await expect.poll(waiting).toBe("50");
    for (const request of requests) request.destroy();
    await expect.poll(waiting, { timeout: 1_000 }).toBe("0");
  });

  it("a thousand times in every phase, and nothing stays in flight", async () => {
    const answers = [mute, headersOnly, streams];
    web.answer = (request, response, received) =>
      answers[web.received.length % answers.length]?.(request, response, received);
    for (let round = 0; round < 20; round += 1) {
      const requests = Array.from({ length: 50 }, (_, index) => {
        const isModel = index % 2 === 0;
        const request = open({
          port: rig.port(isModel ? "models" : "public"),
          path: isModel ? "/v1/chat/completions" : "/",
          method: "POST",
          headers: { authorization: "Bearer k" },
        });
        request.end(isModel ? '{"model":"chat","stream":true}' : "x");
        return request;
      });
      await new Promise((resolve) => setTimeout(resolve, round * 3));
      for (const request of requests) request.destroy();
    }
    // Connections that still wait to be accepted come in after their clients have gone.
    await expect.poll(inFlight, { timeout: 10_000 }).toBe(0);
    await expect.poll(() => web.openSockets, { timeout: 10_000 }).toBeLessThan(5);
  });
});
