import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TESTDATA } from "../dialects/testdata/golden-file.ts";
import { splitFrames } from "../stream/split-frames.ts";
import { beginAnswer, noteReasons } from "./answer-marks.ts";
import type { CallTrace } from "./call-trace.ts";

const trace = (isSampled = true): CallTrace => ({
  traceId: "a",
  spanId: "b",
  parentSpanId: undefined,
  isSampled,
  attempts: [],
});

describe("the marks of an answer", () => {
  it.each([
    ["openai-chat/text", /^chatcmpl-/, ["stop"]],
    ["openai-chat/tools-parallel", /^chatcmpl-/, ["tool_calls"]],
    ["anthropic-messages/text", /^msg_/, ["end_turn"]],
    ["anthropic-messages/refusal", /^msg_/, ["refusal"]],
    ["openai-responses/text", /^resp_/, ["completed"]],
    ["openai-responses/length", /^resp_/, ["incomplete"]],
  ])("are found in the stream %s, however it is cut into pieces", (name, id, reasons) => {
    const bytes = readFileSync(join(TESTDATA, "streams", `${name}.sse`));
    const [first = bytes, ...rest] = splitFrames(bytes);
    const [piecewise, atOnce] = [trace(), trace()];
    beginAnswer(piecewise, first, true);
    for (const frame of rest) noteReasons(piecewise, frame);
    beginAnswer(atOnce, bytes, true);
    expect(piecewise.answer?.id).toMatch(id);
    expect(piecewise.answer?.finishReasons).toEqual(reasons);
    expect(atOnce.answer).toEqual(piecewise.answer);
  });

  it.each([
    ["openai-chat/text", ["stop"]],
    ["anthropic-messages/tools-parallel", ["tool_use"]],
    ["openai-responses/length", ["incomplete"]],
  ])("are found in the whole answer %s", (name, reasons) => {
    const kept = trace();
    beginAnswer(kept, readFileSync(join(TESTDATA, "answers", `${name}.json`)), false);
    expect(kept.answer?.id).toMatch(/^\w+[_-]/);
    expect(kept.answer?.finishReasons).toEqual(reasons);
  });

  it("are not looked for in a call that is not kept, nor taken from a text", () => {
    const [unkept, kept] = [trace(false), trace()];
    const choice = {
      index: 0,
      delta: { content: '"finish_reason":"hacked" "type":"response.failed"' },
      finish_reason: null,
    };
    const bytes = Buffer.from(`data: ${JSON.stringify({ id: "c", choices: [choice] })}\n\n`);
    beginAnswer(unkept, bytes, true);
    beginAnswer(kept, bytes, true);
    expect([unkept.answer, kept.answer]).toEqual([undefined, { id: "c", finishReasons: [] }]);
  });
});
