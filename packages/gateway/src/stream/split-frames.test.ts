import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitFrames } from "./split-frames.ts";

describe("frames taken apart", () => {
  it("end at an empty line, whatever ends a line", () => {
    const text = "data: a\n\ndata: b\r\n\r\n: c\r\rdata: d\ndata: e\n\nrest";
    expect(splitFrames(Buffer.from(text)).map(String)).toEqual([
      "data: a\n\n",
      "data: b\r\n\r\n",
      ": c\r\r",
      "data: d\ndata: e\n\n",
      "rest",
    ]);
  });

  it("are all bytes in their order", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\n", "\r", "é"), maxLength: 60 });
    fc.assert(
      fc.property(text, (value) => {
        expect(splitFrames(Buffer.from(value)).join("")).toBe(value);
      }),
    );
  });
});
