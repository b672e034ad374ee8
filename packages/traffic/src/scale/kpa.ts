// The formula of Knative's pod autoscaler (KPA) on the load of a pool, as a measure for the scaler of this package: pods = concurrency ÷
// target over 60 s; over 6 s in a panic, which begins when that asks for twice the ready pods and during which nothing is taken away, and
// ends when 60 s went by without. At most ten times as many, and half as few, at a time.
// Source: Knative's documentation of autoscaling concepts and its autoscaler's README.
import type { PoolSample, ReplicaBounds, ReplicaFacts } from "./pool-sample.ts";

/** What it is set to; the defaults are Knative's own. */
export interface KpaOptions extends ReplicaBounds {
  /** Load for each unit of capacity that is aimed at; Knative's default utilisation is 0.7. */
  readonly target: number;
  readonly stableMs?: number;
  readonly panicMs?: number;
  readonly panicFactor?: number;
}

const MOST_UP = 10;
const MOST_DOWN = 2;
const TICK_MS = 2_000;

/** Decides as a KPA. Bounded: the samples of the stable window. */
export interface Kpa {
  add(sample: PoolSample): void;
  decide(facts: ReplicaFacts): number;
}

/** A KPA that has seen nothing. */
export function createKpa(options: KpaOptions): Kpa {
  const { min, max, target, stableMs = 60_000, panicMs = 6_000, panicFactor = 2 } = options;
  let samples: PoolSample[] = [];
  let panicSince: number | undefined;
  let mostInPanic = 0;
  let decidedAt = Number.NEGATIVE_INFINITY;
  const wishOver = (windowMs: number, now: number, each: number): number => {
    const seen = samples.filter(({ at }) => now - at < windowMs);
    const sum = seen.reduce((total, { load, backlog }) => total + load + backlog, 0);
    return seen.length === 0 ? 0 : Math.ceil(sum / seen.length / (target * each) - 1e-9);
  };
  return {
    add(sample) {
      samples = [...samples.filter(({ at }) => sample.at - at < stableMs), sample];
    },
    decide({ now, current }) {
      const last = samples.at(-1);
      if (last === undefined || last.serving === 0 || now - decidedAt < TICK_MS) return current;
      decidedAt = now;
      const each = last.capacity / last.serving;
      const ready = last.serving;
      const within = (wish: number): number =>
        Math.min(Math.ceil(ready * MOST_UP), Math.max(Math.floor(ready / MOST_DOWN), wish));
      const stable = within(wishOver(stableMs, now, each));
      const panic = within(wishOver(panicMs, now, each));
      if (panic >= panicFactor * ready) panicSince = now;
      else if (panicSince !== undefined && now - panicSince >= stableMs) panicSince = undefined;
      mostInPanic = panicSince === undefined ? 0 : Math.max(mostInPanic, panic, current);
      return Math.min(max, Math.max(min, panicSince === undefined ? stable : mostInPanic));
    },
  };
}
