import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBodyCollector, freeBytes } from "./collect-body.ts";

/** With memory of its own, as a parser gives it. */
function piece(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + seed * 17) & 0xff;
  return bytes;
}

describe("the pieces of a body", () => {
  it("become one, however it is cut and whatever was announced", () => {
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 300_000 })), {
      maxLength: 8,
    });
    const announcement = fc.constantFrom("none", "right", "less", "more");
    fc.assert(
      fc.property(lengths, announcement, (cuts, announced) => {
        const pieces = cuts.map(piece);
        const whole = Buffer.concat(pieces);
        const said = { none: 0, right: whole.length, less: whole.length >> 1, more: whole.length * 2 }[announced];
        const collector = createBodyCollector(said);
        for (const each of pieces) collector.add(each);
        expect(collector.length).toBe(whole.length);
        expect(collector.take().equals(whole)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("of a long one give their memory back as they come, and the last one once all are there", () => {
    const pieces = Array.from({ length: 40 }, (_, index) => piece(65_536, index));
    const whole = Buffer.concat(pieces);
    const collector = createBodyCollector(whole.length);
    for (const each of pieces) collector.add(each);
    const held = pieces.filter(({ length }) => length > 0);
    // The first stood alone when the place of the whole was made; the last may still be with its parser.
    expect(held).toEqual([pieces[0], pieces.at(-1)]);
    expect(collector.take().equals(whole)).toBe(true);
    expect(pieces.at(-1)).toHaveLength(0);
  });

  it("take no place that was only announced", () => {
    const collector = createBodyCollector(64 * 1024 * 1024);
    collector.add(piece(1_000, 1));
    expect(collector.take().buffer.byteLength).toBeLessThan(100_000);
    const longer = createBodyCollector(64 * 1024 * 1024);
    longer.add(piece(100_000, 1));
    expect(longer.take().buffer.byteLength).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe("memory that is given back", () => {
  it("is that of a long buffer which has it for itself", () => {
    const own = piece(100_000, 1);
    freeBytes(own);
    expect(own).toHaveLength(0);
  });

  it("is no short one's, and none that others share", () => {
    const shared = piece(200_000, 1);
    const [part, short] = [shared.subarray(0, 100_000), piece(1_000, 1)];
    const threads = Buffer.from(new SharedArrayBuffer(100_000));
    for (const each of [part, short, threads]) freeBytes(each);
    expect([shared.length, part.length, short.length, threads.length]).toEqual([200_000, 100_000, 1_000, 100_000]);
  });
});
