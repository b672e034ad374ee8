// A seed's share of a trace: the first part is history, from the rest requests are drawn and brought to the load that is asked for.
import type { Random } from "@flyball/core";
import type { EngineProfile } from "@flyball/engine-model";
import { createSeededRandom, deriveSeed } from "../random/seeded-random.ts";
import type { TraceRequest } from "../trace/trace-request.ts";
import { cutWindow, stretchTime } from "./arrange-requests.ts";
import { offeredWorkMs } from "./offered-work.ts";
import { resampleBlocks } from "./resample-blocks.ts";

/** What is wanted. */
export interface SampleOptions {
  readonly seed: number;
  /** Requests per second at the trace's mean work. */
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /** The engine by which work is measured. */
  readonly profile: EngineProfile;
  /** The trace has prefix blocks: one window of it is taken as it is. */
  readonly keepsPrefixes?: boolean;
}

/** What came of it. */
export interface Sample {
  readonly requests: readonly TraceRequest[];
  readonly history: readonly TraceRequest[];
  readonly durationMs: number;
}

/** Part of the trace that is history. */
const HISTORY_SHARE = 0.25;
const BLOCK_MS = 60_000;

/**
 * Draws requests. For a load below the trace's own, requests are left out at random; for one above it, time is compressed. Then times are
 * stretched a little until the work that is asked for per second is what the rate would ask for on average, so that the seeds differ in who
 * comes when, and not in the load.
 */
export function sampleTrace(trace: readonly TraceRequest[], options: SampleOptions): Sample {
  const endMs = trace.at(-1)?.arrivedAt ?? 0;
  const cutMs = endMs * HISTORY_SHARE;
  const history = trace.filter(({ arrivedAt }) => arrivedAt < cutMs);
  const rest = cutWindow(trace, cutMs, Number.POSITIVE_INFINITY);
  const { profile, ratePerSecond, durationMs } = options;
  const meanWorkMs = offeredWorkMs(rest, profile) / rest.length;
  const ownRate = (rest.length * 1_000) / (endMs - cutMs);
  const sourceMs = durationMs * Math.max(1, ratePerSecond / ownRate);
  const random = createSeededRandom(deriveSeed(options.seed, "arrivals"));
  const drawn =
    options.keepsPrefixes === true
      ? drawWindow(rest, sourceMs, random())
      : thin(
          resampleBlocks(rest, { random, blockMs: BLOCK_MS, blocks: Math.max(1, Math.round(sourceMs / BLOCK_MS)) }),
          ratePerSecond / ownRate,
          random,
        );
  const wantedMs = (offeredWorkMs(drawn, profile) / meanWorkMs / ratePerSecond) * 1_000;
  const spanMs = Math.max(1, drawn.at(-1)?.arrivedAt ?? 1);
  return { requests: stretchTime(drawn, wantedMs / spanMs), history, durationMs: wantedMs };
}

function thin(requests: readonly TraceRequest[], share: number, random: Random): readonly TraceRequest[] {
  if (share >= 1) return requests;
  return requests.filter(() => random() < share).map((request, id) => ({ ...request, id }));
}

/** Longest window, as a part of what there is: seeds should not all get the same one. */
const MOST_WINDOW = 0.6;

/** A stretch of the trace as it is. */
function drawWindow(requests: readonly TraceRequest[], wantedMs: number, chance: number): readonly TraceRequest[] {
  const spanMs = requests.at(-1)?.arrivedAt ?? 0;
  const lengthMs = Math.min(wantedMs, MOST_WINDOW * spanMs);
  const from = (spanMs - lengthMs) * chance;
  return cutWindow(requests, from, from + lengthMs);
}
