import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DialectName } from "../dialect.ts";
import { findDialect } from "../find-dialect.ts";
import { splitFrames } from "../../stream/split-frames.ts";
import { fixturesIn, TESTDATA } from "../testdata/golden-file.ts";

const { stripUsage } = findDialect("openai-chat").passThrough;
const strip = (frame: string): string => stripUsage(Buffer.from(frame)).toString();

describe("stripUsage", () => {
  it("drops the usage chunk and takes the null member away, byte for byte", () => {
    expect(strip('data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n')).toBe("");
    expect(strip('data: {"choices": [ ], "usage": {"prompt_tokens":1}}\r\n\r\n')).toBe("");
    expect(strip('data: {"id":"a","choices":[{"delta":{}}],"usage":null}\n\n')).toBe(
      'data: {"id":"a","choices":[{"delta":{}}]}\n\n',
    );
    expect(strip('data: {"usage": null, "x": 1.0}\r\n\r\n')).toBe('data: { "x": 1.0}\r\n\r\n');
  });

  it("keeps what is not ours to take", () => {
    for (const frame of [
      'data: {"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":1}}\n\n',
      'data: {"choices":[{"usage":null}]}\n\n',
      'data: {"choices":[{"delta":{"content":"\\"usage\\":null"}}]}\n\n',
      'data: {"choices":[],"prompt_filter_results":[]}\n\n',
      "data: [DONE]\n\n",
      ': "usage"\n\n',
      'data: {"usage":null\n\n',
    ]) {
      expect(strip(frame)).toBe(frame);
    }
  });

  it("gives the frame that would have come without asking", () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (content, rest) => {
        const { usage: _usage, choices: _choices, ...others } = rest;
        const chunk = { id: "a", choices: [{ delta: { content } }], ...others };
        const asked = `data: ${JSON.stringify({ ...chunk, usage: null })}\n\n`;
        return strip(asked) === `data: ${JSON.stringify(chunk)}\n\n`;
      }),
    );
  });
});

describe.each<DialectName>(["openai-chat", "openai-responses", "anthropic-messages"])(
  "frames of %s that are passed on",
  (dialect) => {
    const { passThrough } = findDialect(dialect);
    const folder = join(TESTDATA, "streams", dialect);

    it.each(fixturesIn(folder, ".sse"))("%s: whatever tells usage, an error or an end is marked", (name) => {
      const read = passThrough.createFrameReader();
      for (const frame of splitFrames(readFileSync(join(folder, `${name}.sse`)))) {
        const reading = read(frame.toString().trimEnd());
        const isBeginning = frame.includes("message_start");
        const matters =
          reading.kind === "error" || reading.kind === "end" || reading.hasFinish || (reading.usage && !isBeginning);
        if (matters) expect(passThrough.mayMatter(frame)).toBe(true);
      }
    });

    it("leaves plain deltas unread", () => {
      const deltas = splitFrames(readFileSync(join(folder, "text.sse"))).filter(
        (frame) => frame.includes("delta") && frame.includes("morning"),
      );
      expect(
        deltas
          .filter((frame) => !frame.includes(".done") && !frame.includes("completed"))
          .some((frame) => passThrough.mayMatter(frame)),
      ).toBe(false);
    });
  },
);
