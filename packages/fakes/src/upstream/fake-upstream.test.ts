import { request as httpRequest } from "node:http";
import { systemClock } from "@flyball/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFakeClock } from "../fake-clock.ts";
import { createFakeUpstream, type FakeUpstream } from "./fake-upstream.ts";

interface Reply {
  readonly status: number;
  readonly text: string;
  /** The error that ended the body early. */
  readonly broken: string | undefined;
}

let upstream: FakeUpstream;

beforeEach(async () => {
  upstream = await createFakeUpstream();
});

afterEach(() => upstream.dispose());

function ask(path = "/", body?: string, onData?: (text: string) => void): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      upstream.url + path,
      { method: body === undefined ? "GET" : "POST", agent: false },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8").on("data", (part: string) => {
          text += part;
          onData?.(text);
        });
        let broken: string | undefined;
        incoming.on("error", (error: NodeJS.ErrnoException) => (broken = error.code));
        incoming.on("close", () => resolve({ status: incoming.statusCode ?? 0, text, broken }));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

test("it answers, counts, and records method, path, headers and body", async () => {
  expect(await ask("/a?b=1", "hello")).toEqual({
    status: 200,
    text: '{"ok":true}',
    broken: undefined,
  });
  await upstream.until((counts) => counts.completed === 1);
  expect(upstream.requests).toHaveLength(1);
  expect(upstream.requests[0]).toMatchObject({
    method: "POST",
    url: "/a?b=1",
    isExecuted: true,
    outcome: "completed",
    bytesSent: 11,
  });
  expect(upstream.requests[0]?.body.toString()).toBe("hello");
  expect(upstream.requests[0]?.headers["content-length"]).toBe("5");
  expect(upstream.counts).toMatchObject({
    connections: 1,
    requests: 1,
    executions: 1,
    aborted: 0,
    cut: 0,
    open: 0,
  });
});

test("setNext changes the next requests only, set all that follow, reset undoes both", async () => {
  upstream.set({ status: 404, body: "none" });
  upstream.setNext({ status: 503 }, 2);
  const statuses = [];
  for (let count = 0; count < 3; count++) statuses.push((await ask()).status);
  upstream.setNext({ status: 500 });
  upstream.reset();
  statuses.push((await ask()).status);
  expect(statuses).toEqual([503, 503, 404, 200]);
});

test("a delay runs on the given clock", async () => {
  const clock = createFakeClock();
  await using delayed = await createFakeUpstream({ clock, behaviour: { delayMs: 500 } });
  let status = 0;
  const answered = new Promise<void>((resolve) => {
    httpRequest(delayed.url, { agent: false }, (incoming) => {
      status = incoming.statusCode ?? 0;
      incoming.resume().on("end", resolve);
    }).end();
  });
  await delayed.until((counts) => counts.executions === 1);
  await clock.advance(499);
  expect(status).toBe(0);
  await clock.advance(1);
  await answered;
  expect(status).toBe(200);
});

test("a reset comes before any byte of the answer, after the request was executed", async () => {
  upstream.set({ fault: { kind: "reset" } });
  await expect(ask("/", "x")).rejects.toMatchObject({ code: "ECONNRESET" });
  await upstream.until((counts) => counts.cut === 1);
  expect(upstream.counts.executions).toBe(1);
});

test("a cut ends the body after exactly the given bytes", async () => {
  upstream.set({ body: "0123456789", fault: { kind: "cut", afterBytes: 4 } });
  expect(await ask()).toEqual({ status: 200, text: "0123", broken: "ECONNRESET" });
  expect(upstream.requests[0]).toMatchObject({ outcome: "cut", bytesSent: 4 });
});

test.each([{ kind: "hang-before-headers" } as const, { kind: "hang-mid-body", afterBytes: 2 } as const])(
  "$kind lasts until the client leaves, which counts as aborted",
  async (fault) => {
    upstream.set({ fault });
    const outgoing = httpRequest(upstream.url, { agent: false }, (incoming) => incoming.on("error", () => {}).resume());
    outgoing.on("error", () => {}).end();
    await upstream.until((counts) => counts.executions === 1);
    if (fault.kind === "hang-mid-body") await new Promise((resolve) => outgoing.once("response", resolve));
    expect(upstream.counts.open).toBe(1);
    outgoing.destroy();
    await upstream.until((counts) => counts.aborted === 1);
    expect(upstream.requests[0]).toMatchObject({
      outcome: "aborted",
      bytesSent: fault.kind === "hang-mid-body" ? 2 : 0,
    });
    expect(upstream.counts.open).toBe(0);
  },
);

test("slow bytes go out piece by piece", async () => {
  upstream.set({ body: "abcdef", slow: { bytes: 2, everyMs: 5 } });
  const seen: string[] = [];
  const startedAt = systemClock.monotonic();
  expect((await ask("/", undefined, (text) => seen.push(text))).text).toBe("abcdef");
  expect(seen).toEqual(["ab", "abcd", "abcdef"]);
  expect(systemClock.monotonic() - startedAt).toBeGreaterThanOrEqual(9);
});

test("a refused connection is refused by the kernel, and the same port serves again after accept", async () => {
  await upstream.refuse({ resetsOpen: true });
  await expect(ask()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await upstream.accept();
  expect((await ask()).status).toBe(200);
});

test("a chat completion streams one delta a word, then usage when asked for, then [DONE]", async () => {
  const body = JSON.stringify({
    model: "m",
    messages: [],
    stream: true,
    stream_options: { include_usage: true },
  });
  const { text } = await ask("/v1/chat/completions", body);
  const events = text
    .trim()
    .split("\n\n")
    .map((line) => line.replace(/^data: /, ""));
  expect(events.at(-1)).toBe("[DONE]");
  const parsed = events
    .slice(0, -1)
    .map((event) => JSON.parse(event) as { choices: { delta: { content?: string } }[]; usage: unknown });
  expect(parsed.map((event) => event.choices[0]?.delta.content ?? "").join("")).toBe("One two three");
  expect(parsed.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
  });
});

test("an unstreamed chat completion is one JSON object, and a broken body is refused in OpenAI's form", async () => {
  const whole = JSON.parse((await ask("/v1/chat/completions", "{}")).text) as {
    choices: { message: { content: string } }[];
  };
  expect(whole.choices[0]?.message.content).toBe("One two three");
  const refused = await ask("/v1/chat/completions", "[");
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.text)).toMatchObject({ error: { type: "invalid_request_error" } });
});

test("respond computes the answer from the request, and undefined falls back to the knobs", async () => {
  upstream.set({
    respond: (request) =>
      request.url === "/echo" ? { status: 201, headers: {}, body: [request.method, " ", request.body] } : undefined,
  });
  expect(await ask("/echo", "me")).toMatchObject({ status: 201, text: "POST me" });
  expect((await ask("/")).status).toBe(200);
});

test("until rejects with the reason of its signal, and dispose may be called twice", async () => {
  const ending = new AbortController();
  const waiting = upstream.until((counts) => counts.requests > 0, ending.signal);
  ending.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await upstream.dispose();
  await upstream.dispose();
});

test("a body that is iterated goes out piece by piece as it comes, and ends with its client while a piece is awaited", async () => {
  const held = Promise.withResolvers<void>();
  async function* pieces(): AsyncGenerator<string> {
    yield "one";
    await held.promise;
    yield " two";
    await new Promise(() => {});
  }
  upstream.set({ respond: () => ({ status: 200, headers: {}, body: pieces() }) });
  const outgoing = httpRequest(upstream.url, { agent: false });
  outgoing.on("error", () => undefined).end();
  const seen = await new Promise<string>((resolve) => {
    let text = "";
    outgoing.on("response", (incoming) =>
      incoming
        .on("error", () => undefined)
        .on("data", (part: Buffer) => {
          text += String(part);
          if (text === "one") held.resolve();
          else resolve(text);
        }),
    );
  });
  expect(seen).toBe("one two");
  outgoing.destroy();
  await upstream.until((counts) => counts.aborted === 1);
});

test("with a capacity it works on some at once, lets others wait, and forgets who left", async () => {
  upstream.set({ capacity: { places: 2, serviceMs: 30 } });
  const outgoing = Array.from({ length: 3 }, () => ask("/"));
  await upstream.until((counts) => counts.executions === 3);
  const leaving = httpRequest(upstream.url, { agent: false });
  leaving.on("error", () => undefined).end();
  await upstream.until((counts) => counts.executions === 4);
  leaving.destroy();
  await upstream.until((counts) => counts.aborted === 1);
  await Promise.all(outgoing);
  const [first, second, third] = upstream.requests.map(({ endedAt = 0, receivedAt }) => endedAt - receivedAt);
  expect(Math.max(first as number, second as number)).toBeLessThan(55);
  expect(third).toBeGreaterThanOrEqual(55);
  expect((await ask("/")).status).toBe(200);
});
