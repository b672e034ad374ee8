// A prompt as the engine's memory sees it: how many tokens, and for each full block a number that depends on every character up
// to its end, as vLLM chains the hashes of its blocks. Prompts that begin alike have the same numbers as far as they are alike.

import { visitTokens } from "../openai/count-tokens.ts";

/** A prompt in tokens and blocks. */
export interface SimulatedPrompt {
  /** As `countTokens` counts. */
  readonly tokens: number;
  /** Ids of its full blocks, whole numbers below 2⁵³. */
  readonly blocks: readonly number[];
  /** A number from 0 to 2³² − 1 that depends on every character. */
  readonly hash: number;
}

/** Reads a prompt. */
export function readPrompt(text: string, blockTokens: number): SimulatedPrompt {
  const blocks: number[] = [];
  let tokens = 0;
  // Two FNV-1a hashes over UTF-16 units with different multipliers: 53 bits keep millions of blocks apart.
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  const add = (unit: number): void => {
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
  };
  visitTokens(text, (segment, count) => {
    for (let index = 0; index < segment.length; index++) add(segment.charCodeAt(index));
    tokens += count;
    while ((blocks.length + 1) * blockTokens <= tokens) {
      add(blocks.length);
      blocks.push((high >>> 11) * 2 ** 32 + (low >>> 0));
    }
  });
  return { tokens, blocks, hash: low >>> 0 };
}
