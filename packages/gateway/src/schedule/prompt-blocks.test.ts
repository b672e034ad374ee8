import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_BYTES, promptBlocks, seedOf } from "./prompt-blocks.ts";

const bytes = fc.uint8Array({ minLength: 1_024, maxLength: 5_000 }).map((all) => Buffer.from(all));

describe("the blocks of a prompt", () => {
  it("are the same as far as two prompts are, and unlike from there on", () => {
    fc.assert(
      fc.property(bytes, fc.nat(20), (body, at) => {
        const other = Buffer.from(body);
        const changed = Math.min(body.length - 1, at * BLOCK_BYTES + 7);
        other[changed] = (other[changed] as number) ^ 1;
        const [one, two] = [promptBlocks(body, 0, body.length, 1), promptBlocks(other, 0, other.length, 1)];
        const same = Math.floor(changed / BLOCK_BYTES);
        expect(two.slice(0, same)).toEqual(one.slice(0, same));
        for (let block = same; block < one.length; block += 1) expect(two[block]).not.toBe(one[block]);
      }),
    );
  });

  it("tell tenants apart", () => {
    const body = Buffer.alloc(2_000, "a prompt ");
    const [one] = promptBlocks(body, 0, body.length, seedOf("acme"));
    const [two] = promptBlocks(body, 0, body.length, seedOf("other"));
    expect(one).not.toBe(two);
  });

  it("are none of a short prompt, and no more than 512 of a long one", () => {
    expect(promptBlocks(Buffer.alloc(1_000), 0, 1_000, 1)).toEqual([]);
    expect(promptBlocks(Buffer.alloc(1_000_000), 0, 1_000_000, 1)).toHaveLength(512);
  });

  it("are whole numbers of 32 bits", () => {
    fc.assert(
      fc.property(bytes, (body) => {
        for (const block of promptBlocks(body, 0, body.length, 1)) {
          expect(Number.isSafeInteger(block) && block >= 0 && block <= 0xffff_ffff).toBe(true);
        }
      }),
    );
  });
});
