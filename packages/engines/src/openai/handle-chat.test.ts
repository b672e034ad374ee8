// What the server refuses, and in which words: clients decide by status and code whether to try again.

import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hello, startServerFixture } from "./server-fixture.ts";
import type { ServerFixture } from "./server-fixture.ts";

let fixture: ServerFixture;

beforeEach(async () => {
  fixture = await startServerFixture();
});

afterEach(async () => {
  await fixture.server.stop();
});

describe("refusals", () => {
  it.each([
    ["bad JSON", "{", 400, null],
    ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0x22]), 400, null],
    ["no messages", JSON.stringify({ model: "script-1" }), 400, null],
    ["empty messages", JSON.stringify({ model: "script-1", messages: [] }), 400, null],
    ["an unknown model", JSON.stringify({ ...hello, model: "other" }), 404, "model_not_found"],
    ["stream_options without stream", JSON.stringify({ ...hello, stream_options: {} }), 400, null],
    ["several choices", JSON.stringify({ ...hello, n: 2 }), 400, "unsupported_value"],
  ])("gives an OpenAI error for %s", async (_name, body, status, code) => {
    const response = await fixture.postRaw(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      error: {
        message: expect.any(String),
        type: "invalid_request_error",
        param: expect.toBeOneOf([null, expect.any(String)]),
        code,
      },
    });
  });

  it("answers 413 to a body over 4 MB that is sent to its end", async () => {
    const content = "x".repeat(5 * 1024 * 1024);
    const response = await fixture.post({ ...hello, messages: [{ role: "user", content }] });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "request_too_large" } });
  });

  it("takes a body just under 4 MB", async () => {
    const content = "x".repeat(4 * 1024 * 1024 - 200);
    const pending = fixture.post({ ...hello, messages: [{ role: "user", content }] });
    await fixture.answer("ok");
    expect((await pending).status).toBe(200);
  });

  it("cuts off a client that never stops sending", async () => {
    const request = httpRequest(`${fixture.address.url}/v1/chat/completions`, { method: "POST" });
    const ended = new Promise<void>((resolve) => request.once("close", resolve));
    request.on("error", () => {});
    const block = Buffer.alloc(1 << 20, 120);
    const write = (): void => {
      if (!request.destroyed) request.write(block, () => setImmediate(write));
    };
    write();
    await ended;
    expect(request.destroyed).toBe(true);
  });

  it("answers 405 with the method that is allowed", async () => {
    const response = await fetch(`${fixture.address.url}/v1/chat/completions`);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  it("answers 404 for an unknown path, also for names of object members", async () => {
    expect((await fetch(`${fixture.address.url}/nothing`)).status).toBe(404);
    expect((await fetch(`${fixture.address.url}/constructor`)).status).toBe(404);
  });

  it("answers 503 with retry-after when the engine is full", async () => {
    fixture.engine.refuseWith({ outcome: "saturated" });
    const response = await fixture.post(hello);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ error: { code: "engine_saturated" } });
  });

  it("names the field that asks for what the engine was not started for", async () => {
    fixture.engine.refuseWith({ outcome: "unsupported", field: "priority", explanation: "No." });
    const response = await fixture.post({ ...hello, priority: 1 });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "unsupported_value", param: "priority" } });
  });

  it("answers context_length_exceeded when the request can never fit", async () => {
    fixture.engine.refuseWith({ outcome: "too-long", explanation: "Too much." });
    const response = await fixture.post(hello);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "context_length_exceeded", message: "Too much." } });
  });
});
