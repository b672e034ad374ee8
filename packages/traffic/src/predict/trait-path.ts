// The way from all requests to those that are most alike: one name a level, each holding the names above it.
import type { RequestTraits } from "./request-traits.ts";

/** The levels, the most general first. Level `i` tells requests apart by everything up to and including its own trait. */
export const TRAIT_LEVELS = ["all", "model", "key", "route", "shape", "prompt", "input", "size"] as const;

/** Bits of the input's size below its power of two: the last level tells prompts apart that differ by a tenth. */
const SIZE_BITS = 3;

/** The level from which on requests belong to one client. */
export const KEY_LEVEL = 2;

/** Number of levels. */
export const LEVEL_COUNT: number = TRAIT_LEVELS.length;

/**
 * Writes one signature a level into `path`: whole numbers up to 2^53 that name the traits of this level and of all above it. The same on
 * every machine and in every release that can read the other's saved state.
 */
export function writeTraitPath(traits: RequestTraits, path: Float64Array): void {
  let high = hashText(0x9e37_79b9, traits.model);
  let low = hashText(0x85eb_ca6b, traits.model);
  path[0] = 1;
  path[1] = signature(high, low);
  high = hashText(high, traits.key);
  low = hashText(low, traits.key);
  path[2] = signature(high, low);
  high = hashText(high, traits.route);
  low = hashText(low, traits.route);
  path[3] = signature(high, low);
  high = hashText(high, traits.shape);
  low = hashText(low, traits.shape);
  path[4] = signature(high, low);
  const prompt = traits.promptHash;
  high = hashWord(hashWord(high, prompt), Math.floor(prompt / 2 ** 32));
  low = hashWord(hashWord(low, prompt), Math.floor(prompt / 2 ** 32));
  path[5] = signature(high, low);
  const size = sizeOf(traits.inputTokens);
  high = hashWord(high, size >> SIZE_BITS);
  low = hashWord(low, size >> SIZE_BITS);
  path[6] = signature(high, low);
  path[7] = signature(hashWord(high, size), hashWord(low, size));
}

/** log₂ of the tokens in eighths: the power of two in front, three bits of what follows it behind. */
function sizeOf(tokens: number): number {
  const whole = Math.min(2 ** 31, Math.max(1, Math.floor(tokens) || 1));
  const power = 31 - Math.clz32(whole);
  return (power << SIZE_BITS) + Math.floor((whole / 2 ** power - 1) * 2 ** SIZE_BITS);
}

/** 21 bits of one hash and 32 of another; never 0. */
function signature(high: number, low: number): number {
  return (finish(high) & 0x1f_ffff) * 2 ** 32 + (finish(low) >>> 0) || 1;
}

function hashText(seed: number, text: string): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  // The length parts one name from the next.
  return hashWord(hash, text.length);
}

function hashWord(seed: number, word: number): number {
  const hash = Math.imul(seed ^ word, 0xcc9e_2d51);
  return Math.imul((hash << 13) | (hash >>> 19), 5) ^ (hash >>> 11);
}

/** Spreads the last bits over all (the finisher of MurmurHash3). */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
