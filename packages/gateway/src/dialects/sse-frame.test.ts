import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSseFrame, writeSseFrame } from "./sse-frame.ts";

describe("readSseFrame", () => {
  it.each([
    ["data: x", { event: "", data: "x" }],
    ["data:x", { event: "", data: "x" }],
    ["event: a\r\ndata: x\r\ndata: y", { event: "a", data: "x\ny" }],
    ["data: x\revent:b", { event: "b", data: "x" }],
    [": comment\nid: 7", { event: "", data: "" }],
    ['error: {"code":500}', { event: "error", data: '{"code":500}' }],
  ])("reads %j", (frame, expected) => expect(readSseFrame(frame)).toEqual(expected));

  it("reads what writeSseFrame writes, whatever the value", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.option(fc.constantFrom("a", "message_stop"), { nil: undefined }),
        (value, event) => {
          const read = readSseFrame(writeSseFrame(value, event).slice(0, -2));
          expect(read).toEqual({ event: event ?? "", data: JSON.stringify(value) });
        },
      ),
    );
  });
});
