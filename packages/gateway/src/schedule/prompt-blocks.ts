// A prompt's beginning as numbers that say of two prompts how far they are the same. A chain: each number is of all the bytes up to it, so a
// prefix cache of whole blocks is a set of them. They are hints: equal numbers of unlike prompts cost a prompt read anew, nothing else.

/** Bytes of one block: some 64 tokens. */
export const BLOCK_BYTES = 256;
/** Blocks of one prompt: 128 KiB of it. What lies behind is rarely the same without being sent to the same place anyway. */
const MOST_BLOCKS = 512;
/** A shorter prompt is read in no time. */
const LEAST_BYTES = 1_024;

/** The blocks of these bytes; none of a short prompt. `seed` keeps apart whose caches are apart. 4 bytes a nanosecond or so. */
export function promptBlocks(body: Buffer, start: number, end: number, seed: number): readonly number[] {
  const length = end - start;
  if (length < LEAST_BYTES) return [];
  const count = Math.min(MOST_BLOCKS, Math.floor(length / BLOCK_BYTES));
  const blocks: number[] = [];
  let hash = seed | 0;
  let at = start;
  for (let block = 0; block < count; block += 1) {
    for (const stop = at + BLOCK_BYTES; at < stop; at += 4) {
      const word =
        (body[at] as number) |
        ((body[at + 1] as number) << 8) |
        ((body[at + 2] as number) << 16) |
        ((body[at + 3] as number) << 24);
      hash = Math.imul(hash ^ Math.imul(word, 0xcc9e_2d51), 0x1b87_3593);
      hash = ((hash << 13) | (hash >>> 19)) + 0x6b43_a9b5;
    }
    hash ^= hash >>> 16;
    blocks.push(hash >>> 0);
  }
  return blocks;
}

/** A number of a text, as a seed. */
export function seedOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash;
}
