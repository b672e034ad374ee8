// How long an answer will be, as far as one can know. Oracles know it; all others learn from answers that have ended.
import type { SimRequest } from "../../trace/trace-request.ts";
import type { Truth, World } from "../policy.ts";

/** What is foreseen of one answer, in output tokens. */
export interface SizeEstimate {
  /** Orders. */
  readonly p50: number;
  readonly mean: number;
  /** Share of the answers longer than `from` that are longer than `to` as well (0–1). */
  shareBeyond(from: number, to: number): number;
}

/** One way to predict. */
export interface Sizer {
  estimate(request: SimRequest): SizeEstimate;
  learn(request: SimRequest, outputTokens: number): void;
}

/** Makes one that has learned from the world's history. */
export type CreateSizer = (world: World, truth: Truth) => Sizer;

/** Knows the length of every answer. Only for oracles. */
export const createTrueSizer: CreateSizer = (_world, truth) => ({
  learn: () => {},
  estimate({ id }) {
    const tokens = truth(id);
    return { p50: tokens, mean: tokens, shareBeyond: (_from, to) => (tokens > to ? 1 : 0) };
  },
});
