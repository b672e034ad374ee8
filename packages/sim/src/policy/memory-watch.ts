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

/** An answer is foreseen anew after so many tokens. */
const FORESEEN_EVERY = 32;

/** Of replicas with nothing on them; bounded by the requests in flight. */
export function createMemoryWatch(world: World): MemoryWatch {
  const forecasts = world.replicas.map(() => createMemoryForecast());
  const running = new Map<number, Placed & { readonly delivered: number }>();
  const forecastOf = (replica: number): MemoryForecast => forecasts[replica] as MemoryForecast;
  return {
    fits: (replica, need) =>
      forecastOf(replica).fits(need, KV_SHARE * (world.replicas[replica]?.kvCapacityTokens ?? 0)),
    sent(placed) {
      forecastOf(placed.replica).add(placed.need);
      running.set(placed.request.id, { ...placed, delivered: 0 });
    },
    forget({ id }) {
      const placed = running.get(id);
      if (placed === undefined) return;
      running.delete(id);
      forecastOf(placed.replica).remove(placed.need);
    },
    look() {
      for (const [id, placed] of running) {
        const delivered = world.delivered(placed.request);
        if (delivered - placed.delivered < FORESEEN_EVERY) continue;
        const need = needOf(placed.request.inputTokens, delivered, placed.estimate);
        forecastOf(placed.replica).remove(placed.need);
        forecastOf(placed.replica).add(need);
        running.set(id, { ...placed, need, delivered });
      }
    },
  };
}
