import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSseFrames, MAX_FRAME_BYTES } from "./sse-frames.ts";

/** Pushes a text in pieces; what came out of each push, and what is left. */
function run(text: string, cuts: readonly number[]): { out: string[]; rest: string } {
  const bytes = Buffer.from(text);
  const frames = createSseFrames();
  const out: string[] = [];
  let from = 0;
  for (const cut of [...new Set(cuts.map((each) => each % (bytes.length + 1)))].toSorted((a, b) => a - b)) {
    out.push(frames.push(bytes.subarray(from, cut)).toString("latin1"));
    from = cut;
  }
  out.push(frames.push(bytes.subarray(from)).toString("latin1"));
  return { out, rest: frames.rest().toString("latin1") };
}

const line = fc.constantFrom("data: x", "data: 你好", ": note", "event: e", "id: 1");
const newline = fc.constantFrom("\n", "\r\n", "\r");
const stream = fc
  .array(fc.tuple(fc.array(line, { minLength: 1, maxLength: 3 }), newline))
  .map((frames) => frames.map(([lines, end]) => lines.map((each) => each + end).join("") + end).join(""));

describe("createSseFrames", () => {
  it("hands out whole frames at once and keeps the beginning of the next", () => {
    const frames = createSseFrames();
    expect(frames.push(Buffer.from("data: 1\n\ndata: 2\n\ndata: 3")).toString()).toBe("data: 1\n\ndata: 2\n\n");
    expect(frames.push(Buffer.from("\n")).length).toBe(0);
    expect(frames.push(Buffer.from("\n")).toString()).toBe("data: 3\n\n");
    expect(frames.rest().length).toBe(0);
  });

  it("passes a chunk of whole frames on as the same bytes, without a copy", () => {
    const chunk = Buffer.from("data: 1\n\n");
    expect(createSseFrames().push(chunk)).toBe(chunk);
  });

  it("takes no line ending in the middle of CRLF for an empty line", () => {
    const frames = createSseFrames();
    expect(frames.push(Buffer.from("data: 1\r")).length).toBe(0);
    expect(frames.push(Buffer.from("\ndata: 2\r\n")).length).toBe(0);
    expect(frames.push(Buffer.from("\r\n")).toString()).toBe("data: 1\r\ndata: 2\r\n\r\n");
  });

  it("loses and changes no byte, whatever the chunks", () => {
    fc.assert(
      fc.property(stream, fc.string(), fc.array(fc.nat(500)), (text, tail, cuts) => {
        const { out, rest } = run(text + tail, cuts);
        return out.join("") + rest === Buffer.from(text + tail).toString("latin1");
      }),
    );
  });

  it("hands out only whole frames, whatever the chunks", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(500)), (text, cuts) => {
        const { out, rest } = run(text, cuts);
        const isWhole = out.every((piece) => piece === "" || piece === "\n" || /(\n\n|\r\r|\r\n\r\n?)$/.test(piece));
        return isWhole && rest === "";
      }),
    );
  });

  it("bounds what it keeps of a frame without end", () => {
    const frames = createSseFrames();
    const chunk = Buffer.alloc(MAX_FRAME_BYTES / 4, "x");
    let handedOut = 0;
    for (let push = 0; push < 20; push += 1) {
      handedOut += frames.push(chunk).length;
      expect(frames.rest().length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    }
    expect(handedOut + frames.rest().length).toBe(20 * chunk.length);
  });
});
