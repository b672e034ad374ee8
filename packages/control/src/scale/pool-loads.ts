// What gateways say of the load of pools, put together for scaling: loads of several gateways add up, their endpoints are the same. Bounded:
// the newest word of each gateway on each pool, and words of gateways that fell silent are dropped.
import type { PoolLoad } from "@flyball/core";
import type { PoolSample } from "@flyball/traffic";

/** The loads. Times are wall times of control. */
export interface PoolLoads {
  /** Takes one in. Words that are no numbers are dropped: an odd gateway moves nothing. */
  add(load: PoolLoad, now: number): void;
  /** When one was taken in for these pools; undefined: never, or not for long. */
  newestAt(pools: readonly string[], now: number): number | undefined;
  /** All pools of a service as one sample; what has come since is counted once. undefined: nobody has said anything lately. */
  take(pools: readonly string[], now: number): PoolSample | undefined;
}

/** A gateway that said nothing for this long is gone, or does not know the pool any more. */
const SILENT_MS = 3_000;
const MOST_GATEWAYS = 64;

interface KeptLoad {
  load: PoolLoad;
  at: number;
  arrived: number;
  refused: number;
}

/** None so far. */
export function createPoolLoads(): PoolLoads {
  const pools = new Map<string, Map<number, KeptLoad>>();
  const heard = (names: readonly string[], now: number): readonly KeptLoad[] =>
    names.flatMap((name) => {
      const gateways = pools.get(name);
      for (const [gateway, { at }] of gateways ?? []) if (now - at > SILENT_MS) gateways?.delete(gateway);
      return [...(gateways?.values() ?? [])];
    });
  return {
    add(load, now) {
      if (!isSound(load)) return;
      const gateways = pools.get(load.pool) ?? new Map<number, KeptLoad>();
      pools.set(load.pool, gateways);
      const before = gateways.get(load.gateway);
      if (before === undefined && gateways.size >= MOST_GATEWAYS) return;
      const { arrived = 0, refused = 0 } = before ?? {};
      gateways.set(load.gateway, { load, at: now, arrived: arrived + load.arrived, refused: refused + load.refused });
    },
    newestAt(names, now) {
      const times = heard(names, now).map(({ at }) => at);
      return times.length === 0 ? undefined : Math.max(...times);
    },
    take(names, now) {
      const kept = heard(names, now);
      if (kept.length === 0) return undefined;
      const sample: PoolSample = {
        at: now,
        load: sum(kept, ({ load }) => load.load),
        backlog: sum(kept, ({ load }) => load.backlog),
        requests: sum(kept, ({ load }) => load.inFlight + load.waiting),
        arrived: sum(kept, ({ arrived }) => arrived),
        refused: sum(kept, ({ refused }) => refused),
        // The same instances stand behind every pool of a service and every gateway.
        capacity: Math.max(...kept.map(({ load }) => load.capacity)),
        serving: Math.max(...kept.map(({ load }) => load.serving)),
      };
      for (const each of kept) Object.assign(each, { arrived: 0, refused: 0 });
      return sample;
    },
  };
}

function sum(kept: readonly KeptLoad[], pick: (kept: KeptLoad) => number): number {
  return kept.reduce((total, each) => total + pick(each), 0);
}

function isSound({ pool, gateway, inFlight, waiting, load, backlog, ...rest }: PoolLoad): boolean {
  const numbers = [gateway, inFlight, waiting, load, backlog, rest.arrived, rest.refused, rest.capacity, rest.serving];
  return typeof pool === "string" && numbers.every((number) => Number.isFinite(number) && number >= 0);
}
