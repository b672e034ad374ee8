// How long the first content of a model's answer may take.
import { firstTokenBoundMs } from "@flyball/traffic";
import type { ServingModel } from "../worker/serving-state.ts";

/** Three times the 99th of a hundred, at least the floor of the manifest, at most ten times that; in milliseconds. */
export function firstTokenLimit({ memory, firstTokenMs }: ServingModel): number {
  return firstTokenBoundMs(memory.firstToken, firstTokenMs, firstTokenMs * 10);
}
