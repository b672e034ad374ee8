import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { json, startFake } from "../testing/start-fake.ts";
import type { Fake } from "../testing/start-fake.ts";
import type { StreamEvent } from "./event-stream.ts";
import { createUpstream } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";
import { upstreamError } from "./upstream-error.ts";

async function start(
  answer: Parameters<typeof startFake>[0],
  timeoutMs = 5_000,
): Promise<{ fake: Fake; upstream: Upstream }> {
  const fake = await startFake(answer);
  const upstream = createUpstream({ baseUrl: fake.url, timeoutMs });
  onTestFinished(() => {
    upstream.dispose();
    fake.stop();
  });
  return { fake, upstream };
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test("calls after each other share one connection", async () => {
  const { fake, upstream } = await start((_, response) => json(response, 200, { ok: true }));
  for (let count = 0; count < 5; count += 1) {
    const result = await upstream.call({ method: "POST", path: "/x", body: { count } });
    expect(result).toMatchObject({ kind: "answered", status: 200, body: { ok: true } });
  }
  expect([fake.seen.length, fake.connectionCount()]).toEqual([5, 1]);
});

test("an answer that does not come in time is a timeout, also when only its end is missing", async () => {
  const { upstream } = await start(({ url }, response) => {
    if (url === "/half") response.write("{");
  }, 400);
  expect((await upstream.call({ method: "GET", path: "/none" })).kind).toBe("timed-out");
  expect((await upstream.call({ method: "GET", path: "/half" })).kind).toBe("timed-out");
});

test("an answer that breaks off is broken, and so is a port where nobody listens", async () => {
  const { fake, upstream } = await start((_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("{", () => response.destroy());
  });
  expect((await upstream.call({ method: "GET", path: "/" })).kind).toBe("broken");
  fake.stop();
  expect((await upstream.call({ method: "GET", path: "/" })).kind).toBe("broken");
});

test("an aborted call is abandoned and closes its connection", async () => {
  const closed = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { upstream } = await start((_, response) => {
    response.once("close", closed.resolve);
    arrived.resolve();
  });
  const left = new AbortController();
  const result = upstream.call({ method: "GET", path: "/", signal: left.signal });
  await arrived.promise;
  left.abort();
  expect((await result).kind).toBe("abandoned");
  await closed.promise;
});

test("a stream gives its events, and keeps its connection when read to the end", async () => {
  const { fake, upstream } = await start(async (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of ["event: a\nda", 'ta: {"x":"', '人"}\n\n: ping\n\nevent: b\r\ndata: 2\r\n', "\r\n"]) {
      if (!response.write(part)) await once(response, "drain");
    }
    response.end();
  });
  for (let count = 0; count < 2; count += 1) {
    const result = await upstream.call({ method: "GET", path: "/", stream: true });
    expect(result.kind).toBe("streaming");
    const events = result.kind === "streaming" ? await collect(result.events) : [];
    expect(events).toEqual([
      { event: "a", data: { x: "人" } },
      { event: "b", data: 2 },
    ]);
  }
  expect(fake.connectionCount()).toBe(1);
});

test("a stream that stops for too long throws", async () => {
  const { upstream } = await start((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write('event: a\ndata: "x"\n\n');
  }, 400);
  const result = await upstream.call({ method: "GET", path: "/", stream: true });
  if (result.kind !== "streaming") throw new Error(`not a stream: ${result.kind}`);
  await expect(collect(result.events)).rejects.toThrow();
});

test.each([
  [{ kind: "timed-out" }, 504, "QA_DATABASE_TIMEOUT"],
  [{ kind: "broken", reason: "reset" }, 502, "QA_DATABASE_UNREACHABLE"],
  [{ kind: "answered", status: 500, headers: {}, body: null }, 502, "QA_DATABASE_FAILED"],
  [{ kind: "answered", status: 503, headers: {}, body: "?" }, 503, "QA_DATABASE_FAILED"],
  [{ kind: "answered", status: 502, headers: {}, body: { error: { code: "FB_X", message: "m" } } }, 502, "FB_X"],
] as const)("the outcome %j becomes %d %s", (result, status, code) => {
  expect(upstreamError("DATABASE", result)).toMatchObject({ status, code });
});

test("retry-after is passed on", () => {
  const headers = { "retry-after": "7" };
  const error = upstreamError("LANGUAGE", { kind: "answered", status: 429, headers, body: null });
  expect(error.headers).toEqual({ "retry-after": "7" });
});
