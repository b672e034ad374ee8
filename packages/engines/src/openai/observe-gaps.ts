// The time between tokens as the server sees them come from the engine, before limits hold text back.

import type { EngineClock } from "./engine-clock.ts";
import type { EngineMetrics } from "./engine-metrics.ts";
import type { GeneratedPiece } from "./engine.ts";

/** Passes pieces on and notes the time of each after the one before it. */
export async function* observeGaps(
  { clock, metrics }: { readonly clock: EngineClock; readonly metrics: EngineMetrics },
  pieces: AsyncIterable<GeneratedPiece>,
): AsyncGenerator<GeneratedPiece, void, void> {
  let lastMs: number | undefined;
  for await (const piece of pieces) {
    const nowMs = clock.monotonic();
    if (lastMs !== undefined) metrics.nextTokenAfter(nowMs - lastMs);
    lastMs = nowMs;
    yield piece;
  }
}
