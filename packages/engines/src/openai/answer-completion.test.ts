// Answers on a real socket around a fake engine: what clients of the OpenAI API rely on, byte for byte where it matters.

import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hello, startServerFixture } from "./server-fixture.ts";
import type { SeenCompletion, ServerFixture } from "./server-fixture.ts";

let fixture: ServerFixture;

beforeEach(async () => {
  fixture = await startServerFixture();
});

afterEach(async () => {
  await fixture.server.stop();
});

describe("a plain completion", () => {
  it("has OpenAI's form, the engine's own fields and the usage", async () => {
    const pending = fixture.post(hello);
    await fixture.answer("Good ", "day");
    const response = await pending;
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "script-1",
      answered_by: "script",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Good day", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
  });

  it("joins the text parts of a message", async () => {
    const content = [
      { type: "text", text: "one" },
      { type: "text", text: "two" },
    ];
    const pending = fixture.post({ ...hello, messages: [{ role: "user", content }] });
    const generation = await fixture.engine.nextGeneration();
    generation.finish();
    await pending;
    expect(generation.request.messages).toEqual([{ role: "user", text: "one\ntwo" }]);
  });

  it("ends with length at max_tokens and stops the engine", async () => {
    const pending = fixture.post({ ...hello, max_tokens: 2 });
    const generation = await fixture.engine.nextGeneration();
    for (const text of ["a", "b", "c"]) generation.say(text);
    const body = (await (await pending).json()) as SeenCompletion;
    expect(body.choices[0]).toMatchObject({ message: { content: "ab" }, finish_reason: "length" });
    await generation.released;
  });

  it("ends before a stop text that is spread over pieces", async () => {
    const pending = fixture.post({ ...hello, stop: ["END"] });
    await fixture.answer("text E", "N", "D more");
    const body = (await (await pending).json()) as SeenCompletion;
    expect(body.choices[0]).toMatchObject({ message: { content: "text " }, finish_reason: "stop" });
  });

  it("answers 500 in OpenAI's form when the engine fails", async () => {
    const pending = fixture.post(hello);
    (await fixture.engine.nextGeneration()).fail(new Error("secret detail"));
    const response = await pending;
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { type: "server_error", code: "engine_failed" } });
    expect(text).not.toContain("secret detail");
  });
});

describe("a streamed completion", () => {
  it("is a role chunk, text chunks, a finish chunk and [DONE], all with one id, time and model", async () => {
    const pending = fixture.post({ ...hello, stream: true });
    await fixture.answer("Good ", "day");
    const response = await pending;
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const text = await response.text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    const chunks = chunksOf(text);
    const head = {
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1_700_000_000,
      model: "script-1",
      answered_by: "script",
    };
    const choice = (delta: object, finish: string | null): object => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
    expect(chunks).toEqual([
      choice({ role: "assistant", content: "" }, null),
      choice({ content: "Good " }, null),
      choice({ content: "day" }, null),
      choice({}, "stop"),
    ]);
  });

  it("ends with a usage chunk without choices when asked, and says usage null before", async () => {
    const pending = fixture.post({ ...hello, stream: true, stream_options: { include_usage: true } });
    await fixture.answer("Good ", "day");
    const chunks = chunksOf(await (await pending).text());
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
  });

  it("sends each piece as soon as the engine has it", async () => {
    const { response } = fixture.open({ stream: true });
    const generation = await fixture.engine.nextGeneration();
    generation.say("first");
    const incoming = await response;
    let seen = "";
    incoming.on("data", (chunk: Buffer) => (seen += chunk.toString()));
    while (!seen.includes("first")) await once(incoming, "data");
    expect(seen).not.toContain("[DONE]");
    generation.finish();
    await once(incoming, "end");
    expect(seen).toContain("[DONE]");
  });

  it("sends a true status when the engine fails before the first piece", async () => {
    const pending = fixture.post({ ...hello, stream: true });
    (await fixture.engine.nextGeneration()).fail(new Error("broken"));
    expect((await pending).status).toBe(500);
  });

  it("sends an error event and no [DONE] when the engine fails later", async () => {
    const pending = fixture.post({ ...hello, stream: true });
    const generation = await fixture.engine.nextGeneration();
    generation.say("begun");
    generation.fail(new Error("broken"));
    const text = await (await pending).text();
    expect(text).toContain('data: {"error":{');
    expect(text).not.toContain("[DONE]");
  });

  it("aborts the generation when the client leaves", async () => {
    const { request, response } = fixture.open({ stream: true });
    const generation = await fixture.engine.nextGeneration();
    generation.say("first");
    await response;
    expect(generation.signal.aborted).toBe(false);
    request.destroy();
    await generation.released;
    expect(generation.signal.aborted).toBe(true);
    expect(await fixture.metricsText()).toContain('finished_reason="abort"} 1');
  });

  it("does not run ahead of a client that does not read", async () => {
    const { request, response } = fixture.open({ stream: true });
    const generation = await fixture.engine.nextGeneration();
    const big = "x".repeat(1 << 20);
    for (let piece = 0; piece < 64; piece++) generation.say(big);
    await response;
    request.destroy();
    await generation.released;
    expect(generation.takenPieces()).toBeLessThan(64);
  });
});

describe("a waiting plain request", () => {
  it("is aborted when its client leaves", async () => {
    const { request } = fixture.open({ stream: false });
    const generation = await fixture.engine.nextGeneration();
    request.destroy();
    await generation.released;
    expect(generation.signal.aborted).toBe(true);
  });
});

function chunksOf(text: string): SeenCompletion[] {
  const events = text.split("\n\n").filter((event) => event !== "" && event !== "data: [DONE]");
  return events.map((event) => {
    expect(event.startsWith("data: ")).toBe(true);
    return JSON.parse(event.slice("data: ".length)) as SeenCompletion;
  });
}
