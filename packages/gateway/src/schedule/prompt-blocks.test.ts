import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_BYTES, promptBlocks, seedOf, type PromptPart } from "./prompt-blocks.ts";

const bytes = fc.uint8Array({ minLength: 1_024, maxLength: 5_000 }).map((all) => Buffer.from(all));
const whole = (body: Buffer): readonly PromptPart[] => [{ start: 0, end: body.length }];

/** Both parts in one body, one behind the other or the other way round. */
function inTwoParts(first: Buffer, second: Buffer, isTurned = false): readonly number[] {
  const body = Buffer.concat(isTurned ? [second, first] : [first, second]);
  const firstAt = isTurned ? second.length : 0;
  const secondAt = isTurned ? 0 : first.length;
  const parts = [
    { start: firstAt, end: firstAt + first.length },
    { start: secondAt, end: secondAt + second.length },
  ];
  return promptBlocks(body, parts, 1);
}

describe("the blocks of a prompt", () => {
  it("are the same as far as two prompts are, and unlike from there on", () => {
    fc.assert(
      fc.property(bytes, fc.nat(20), (body, at) => {
        const other = Buffer.from(body);
        const changed = Math.min(body.length - 1, at * BLOCK_BYTES + 7);
        other[changed] = (other[changed] as number) ^ 1;
        const [one, two] = [promptBlocks(body, whole(body), 1), promptBlocks(other, whole(other), 1)];
        const same = Math.floor(changed / BLOCK_BYTES);
        expect(two.slice(0, same)).toEqual(one.slice(0, same));
        for (let block = same; block < one.length; block += 1) expect(two[block]).not.toBe(one[block]);
      }),
    );
  });

  it("of a second part are of the whole first part too, wherever both stand in the body", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), (first, second, at) => {
        const other = Buffer.from(first);
        const changed = at % other.length;
        other[changed] = (other[changed] as number) ^ 1;
        const blocks = inTwoParts(first, second);
        expect(blocks).toHaveLength(Math.floor(first.length / BLOCK_BYTES) + Math.floor(second.length / BLOCK_BYTES));
        expect(inTwoParts(first, second, true)).toEqual(blocks);
        const unlike = inTwoParts(other, second);
        const same = Math.floor(changed / BLOCK_BYTES);
        expect(unlike.slice(0, same)).toEqual(blocks.slice(0, same));
        const known = new Set(blocks);
        expect(unlike.slice(same).filter((block) => known.has(block))).toEqual([]);
      }),
    );
  });

  it("tell tenants apart", () => {
    const body = Buffer.alloc(2_000, "a prompt ");
    const [one] = promptBlocks(body, whole(body), seedOf("acme"));
    const [two] = promptBlocks(body, whole(body), seedOf("other"));
    expect(one).not.toBe(two);
  });

  it("are none of a short prompt, and no more than 512 of a long one", () => {
    const of = (length: number): readonly number[] =>
      promptBlocks(Buffer.alloc(length), [{ start: 0, end: length }], 1);
    expect(of(1_000)).toEqual([]);
    expect(of(1_000_000)).toHaveLength(512);
    expect(inTwoParts(Buffer.alloc(100_000, "a"), Buffer.alloc(100_000, "b"))).toHaveLength(512);
  });

  it("are whole numbers of 32 bits", () => {
    fc.assert(
      fc.property(bytes, (body) => {
        for (const block of promptBlocks(body, whole(body), 1)) {
          expect(Number.isSafeInteger(block) && block >= 0 && block <= 0xffff_ffff).toBe(true);
        }
      }),
    );
  });
});
