// The memory that is foreseen on every replica, kept up to date as answers grow.
import type { SimRequest } from "../trace/trace-request.ts";
import { createMemoryForecast, needOf, type MemoryForecast, type Need } from "./memory-forecast.ts";
import type { World } from "./policy.ts";
import type { SizeEstimate } from "./sizers/sizer.ts";

/** One request and where it runs. */
export interface Placed {
  readonly request: SimRequest;
  readonly replica: number;
  readonly estimate: SizeEstimate;
  readonly need: Need;
}

/** What is foreseen for all replicas. */
export interface MemoryWatch {
  fits(replica: number, need: Need): boolean;
  sent(placed: Placed): void;
  /** It ended, or its replica died. */
  forget(request: SimRequest): void;
  /** Foresees answers that go on anew, from where they are. */
  look(): void;
}

/** Share of the memory that may be foreseen to be in use. */
const KV_SHARE = 0.95;

/** Of replicas with nothing on them; bounded by the requests in flight. */
export function createMemoryWatch(world: World): MemoryWatch {
  const forecasts = world.replicas.map(() => createMemoryForecast());
  const running = new Map<number, Placed>();
  const forecastOf = (replica: number): MemoryForecast => forecasts[replica] as MemoryForecast;
  return {
    fits: (replica, need) =>
      forecastOf(replica).fits(need, KV_SHARE * (world.replicas[replica]?.kvCapacityTokens ?? 0)),
    sent(placed) {
      forecastOf(placed.replica).add(placed.need);
      running.set(placed.request.id, placed);
    },
    forget({ id }) {
      const placed = running.get(id);
      if (placed === undefined) return;
      running.delete(id);
      forecastOf(placed.replica).remove(placed.need);
    },
    look() {
      for (const [id, placed] of running) {
        const need = needOf(placed.request.inputTokens, world.delivered(placed.request), placed.estimate);
        forecastOf(placed.replica).remove(placed.need);
        forecastOf(placed.replica).add(need);
        running.set(id, { ...placed, need });
      }
    },
  };
}
