import { describe, expect, it } from "vitest";
import { createSseGate, MAX_HELD_BYTES } from "./sse-gate.ts";

const event = (value: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
const delta = (content: object, finish: string | null = null): Buffer =>
  event({ choices: [{ index: 0, delta: content, finish_reason: finish }] });
const ROLE = delta({ role: "assistant", content: "" });
const DONE = Buffer.from("data: [DONE]\n\n");

describe("createSseGate", () => {
  it("holds comments, roles and usage back and hands all out with the first content", () => {
    const gate = createSseGate();
    const comment = Buffer.from(": ping\n\n");
    expect(gate.push(comment).kind).toBe("hold");
    expect(gate.push(ROLE).kind).toBe("hold");
    expect(gate.push(event({ choices: [], usage: null })).kind).toBe("hold");
    const content = delta({ content: "Hi" });
    expect(gate.push(content)).toEqual({
      kind: "pass",
      bytes: Buffer.concat([comment, ROLE, event({ choices: [], usage: null }), content]),
      isFirst: true,
    });
    expect(gate.push(DONE)).toEqual({ kind: "pass", bytes: DONE, isFirst: false });
    expect(gate.end().kind).toBe("pass");
  });

  it.each([
    ["text", { content: "x" }],
    ["reasoning", { reasoning_content: "hm" }],
    ["reasoning in its other name", { reasoning: "hm" }],
    ["a tool call", { tool_calls: [{ index: 0, id: "a" }] }],
    ["a refusal", { refusal: "no" }],
  ])("opens at %s", (_name, part) => {
    expect(createSseGate().push(delta(part)).kind).toBe("pass");
  });

  it("opens at a finish reason: an empty answer is an answer, a content filter is passed on", () => {
    expect(createSseGate().push(delta({}, "content_filter")).kind).toBe("pass");
    expect(createSseGate().push(event({ choices: [{ text: "", finish_reason: "stop" }] })).kind).toBe("pass");
  });

  it.each([
    ["an error event in OpenAI's form", event({ error: { message: "overloaded" } })],
    ["an event named error", Buffer.from('event: error\ndata: {"x":1}\n\n')],
    ["an end without content", DONE],
    ["an event that is no JSON", Buffer.from("data: <html>\n\n")],
  ])("fails before content at %s", (_name, bytes) => {
    const gate = createSseGate();
    gate.push(ROLE);
    expect(gate.push(bytes).kind).toBe("fail");
  });

  it("fails when the stream ends before content, and when it holds half a frame", () => {
    expect(createSseGate().end().kind).toBe("fail");
    const gate = createSseGate();
    gate.push(Buffer.from('data: {"choices":[{"delta":{"content":"x"'));
    expect(gate.end().kind).toBe("fail");
  });

  it("calls an end without a finish reason a cut once content was seen", () => {
    const gate = createSseGate();
    gate.push(delta({ content: 'text that says "finish_reason":"stop" and data: [DONE]\n' }));
    expect(gate.end()).toMatchObject({ kind: "cut" });
  });

  it("opens when it would have to hold too much", () => {
    const gate = createSseGate();
    const big = Buffer.from(`: ${"x".repeat(MAX_HELD_BYTES)}\n\n`);
    expect(gate.push(big)).toMatchObject({ kind: "pass", isFirst: true });
  });
});
