// The scalers that are compared, on the samples of a run: Flyball's on the weighted load, the others on what a concurrency metric sees.
import { createHpa, createKpa, createScaler, type PoolLoadSums, type PoolSample } from "@flyball/traffic";
import type { ScalePlan, Scaler, ScaleView } from "./scaler.ts";

/** By name. */
export type ScalerName = "flyball" | "hpa" | "kpa";

const SAMPLE_MS = 1_000;
const WINDOW_MS = 10_000;

/** One scaler, aiming at this load of each replica (0–1). */
export function createPoolScaler(name: ScalerName, target: number, bounds: Pick<ScalePlan, "min" | "max">): Scaler {
  const { min, max } = bounds;
  const flyball = createScaler({ min, max, target, windowMs: WINDOW_MS });
  const other = name === "kpa" ? createKpa({ min, max, target }) : createHpa({ min, max, target });
  return {
    periodMs: SAMPLE_MS,
    desired(view) {
      const { now, coldStartMs } = view;
      const current = view.ready + view.starting;
      const facts = { now, current, coldStartMs, room: max, mayShrink: true };
      if (name === "flyball") {
        flyball.add(sampleOf(view, view.load));
        return flyball.decide(facts).desired;
      }
      other.add(sampleOf(view, view.requestLoad));
      return other.decide(facts);
    },
  };
}

function sampleOf({ now, arrived }: ScaleView, sums: PoolLoadSums): PoolSample {
  const { load, backlog, inFlight, waiting, capacity, serving } = sums;
  return { at: now, load, backlog, requests: inFlight + waiting, arrived, refused: 0, capacity, serving };
}
