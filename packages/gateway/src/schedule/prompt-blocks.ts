// A prompt's beginning as numbers that say of two prompts how far they are the same. A chain: each number is of all the bytes up to it, so a
// prefix cache of whole blocks is a set of them. They are hints: equal numbers of unlike prompts cost a prompt read anew, nothing else.

/** Bytes of one block: some 64 tokens. */
export const BLOCK_BYTES = 256;
/** Blocks of one prompt: 128 KiB of it. What lies behind is rarely the same without being sent to the same place anyway. */
const MOST_BLOCKS = 512;
/** A shorter prompt is read in no time. */
const LEAST_BYTES = 1_024;

/** A part of a prompt: bytes of its body. */
export interface PromptPart {
  readonly start: number;
  readonly end: number;
}

/**
 * The blocks of these parts, which follow each other in the prompt; none of a short prompt. `seed` keeps apart whose caches are apart. What a part has
 * beyond its last whole block makes no number, but all that follow are of it too. 4 bytes a nanosecond or so.
 */
export function promptBlocks(body: Buffer, parts: readonly PromptPart[], seed: number): readonly number[] {
  const length = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  if (length < LEAST_BYTES) return [];
  const blocks: number[] = [];
  let hash = seed | 0;
  for (const { start, end } of parts) {
    let at = start;
    for (; at + BLOCK_BYTES <= end; at += BLOCK_BYTES) {
      hash = hashWords(body, at, at + BLOCK_BYTES, hash);
      hash ^= hash >>> 16;
      blocks.push(hash >>> 0);
      if (blocks.length === MOST_BLOCKS) return blocks;
    }
    hash = hashBytes(body, at, end, hash);
  }
  return blocks;
}

/** A number of a text, as a seed. */
export function seedOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash;
}

/** A number of a part, as a seed: of no more bytes of it than there are in the blocks of a prompt. */
export function seedOfPart(body: Buffer, { start, end }: PromptPart, seed: number): number {
  return hashBytes(body, start, Math.min(end, start + MOST_BLOCKS * BLOCK_BYTES), seed);
}

/** Whole words of four bytes. */
function hashWords(body: Buffer, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let at = from; at < to; at += 4) {
    const word =
      (body[at] as number) |
      ((body[at + 1] as number) << 8) |
      ((body[at + 2] as number) << 16) |
      ((body[at + 3] as number) << 24);
    hash = Math.imul(hash ^ Math.imul(word, 0xcc9e_2d51), 0x1b87_3593);
    hash = ((hash << 13) | (hash >>> 19)) + 0x6b43_a9b5;
  }
  return hash;
}

/** Any number of bytes; nothing changes without any. */
function hashBytes(body: Buffer, from: number, to: number, seed: number): number {
  const words = to - ((to - from) % 4);
  let hash = hashWords(body, from, words, seed);
  for (let at = words; at < to; at += 1) hash = Math.imul(hash ^ (body[at] as number), 0x0100_0193);
  return hash;
}
