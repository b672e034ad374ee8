import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursorAt, JsonFault, skipString, skipValue } from "./json-cursor.ts";

/** Where a string ends that begins at the offset; undefined: it is none. */
function endOf(bytes: Buffer, offset: number): number | undefined {
  const cursor = cursorAt(bytes, offset);
  try {
    skipString(cursor);
    return cursor.at;
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("a string of a body", () => {
  it("ends where JSON.parse says, however long it is, wherever it begins, and whatever byte is in it", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const parts = fc.record({
      before: fc.integer({ min: 0, max: 8 }),
      plain: fc.integer({ min: 0, max: 200 }),
      odd: fc.oneof(byte, fc.constantFrom(0x22, 0x5c, 0x1f, 0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff, 0)),
      next: byte,
      after: fc.integer({ min: 0, max: 70 }),
      filler: fc.constantFrom(0x61, 0x20, 0x21, 0x5d, 0x7f, 0xa2, 0xdc, 0xff),
    });
    fc.assert(
      fc.property(parts, ({ before, plain, odd, next, after, filler }) => {
        const text = Buffer.concat([
          Buffer.alloc(before, 0x20),
          Buffer.from('"'),
          Buffer.alloc(plain, filler),
          Buffer.from([odd, next]),
          Buffer.alloc(after, filler),
          Buffer.from('"'),
        ]);
        // A view that is not aligned, in front of bytes that are not its own.
        const memory = Buffer.alloc(text.length + 16, 0x22);
        text.copy(memory, 3);
        const bytes = memory.subarray(3, 3 + text.length);
        const end = endOf(bytes, before);
        // A shorter string may end inside, at the byte in the middle: what counts is that what was skipped is a string and nothing shorter is.
        if (end === undefined) expect(isJson(bytes.toString("latin1", before))).toBe(false);
        else expect(isJson(bytes.toString("latin1", before, end))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([0, 1, 2, 3])("of five thousand bytes is refused for a control character at byte %i of four", (shift) => {
    for (const place of [0, 63, 64, 65, 2_000, 4_990]) {
      const bytes = Buffer.from(`"${"a".repeat(4_999)}"`);
      bytes[1 + place + shift] = 0x1f;
      expect(endOf(bytes, 0)).toBeUndefined();
    }
  });

  it("that does not end is refused, however long", () => {
    for (const length of [0, 1, 63, 64, 65, 66, 67, 68, 1_000]) {
      expect(endOf(Buffer.from(`"${"a".repeat(length)}`), 0)).toBeUndefined();
    }
  });
});

describe("a value of a body", () => {
  it("is skipped to its end, as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("", " ", "\n\t"), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        const bytes = Buffer.from(`${text},`);
        const cursor = cursorAt(bytes, 0);
        skipValue(cursor);
        expect(cursor.at).toBe(bytes.length - 1);
      }),
    );
  });
});
