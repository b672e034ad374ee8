import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTraceParent, parseTraceParent } from "./trace-context.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

describe("parseTraceParent", () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`01-${TRACE}-${SPAN}-01-more`, true],
  ])("reads %s", (header, isSampled) => {
    expect(parseTraceParent(header)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled });
  });

  it.each([
    undefined,
    "",
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
    [`00-${TRACE}-${SPAN}-01`],
  ])("takes %j for no parent", (header) => {
    expect(parseTraceParent(header)).toBeUndefined();
  });

  it("reads what it writes, and never throws on what anyone else writes", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseTraceParent(text)));
    const parent = { traceId: TRACE, spanId: SPAN, isSampled: true };
    expect(parseTraceParent(formatTraceParent(parent))).toEqual(parent);
  });
});
