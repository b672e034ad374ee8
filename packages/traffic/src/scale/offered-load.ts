// How much capacity the requests that come need, apart from those that have piled up. While a pool keeps up both are one: what is in
// flight is what came times how long it takes (Little). Once it does not, what is in flight and queued grows without end, and a scaler
// that divides it by the target would start instances for the pile as if it came anew each second.
//
// So the work of a request is learned while the pool keeps up, and when it does not, arrivals times that work are what is offered; the
// rest is a pile that has to be drained once.
import type { PoolSample } from "./pool-sample.ts";

/** Capacity that is asked for, in its own unit. */
export interface OfferedLoad {
  /** What comes, as capacity that it would keep busy. */
  readonly offered: number;
  /** Requests that have piled up above that: capacity × time that they take once is `excess` × `workMs`. */
  readonly excess: number;
  /** Work of one request: capacity × milliseconds; 0 while it is not known. */
  readonly workMs: number;
}

/** Learns the work of a request and splits what is seen. Bounded: a few numbers. */
export interface OfferedLoadMeter {
  add(sample: PoolSample): OfferedLoad;
}

/** What was seen loses half of its weight in this time: workloads drift. */
const HALF_LIFE_MS = 60_000;
/** So many requests are needed before their mean work says something. */
const LEAST_REQUESTS = 20;
/** A sample that comes late stands for at most this long. */
const LONGEST_STEP_MS = 10_000;

/** A meter that has seen nothing. */
export function createOfferedLoadMeter(): OfferedLoadMeter {
  let last: number | undefined;
  let work = 0;
  let requests = 0;
  const learn = (sample: PoolSample, stepMs: number): void => {
    const kept = 0.5 ** (stepMs / HALF_LIFE_MS);
    work = work * kept + sample.load * stepMs;
    requests = requests * kept + sample.arrived;
  };
  return {
    add(sample) {
      const stepMs = last === undefined ? 0 : Math.min(LONGEST_STEP_MS, Math.max(0, sample.at - last));
      last = sample.at;
      const demand = sample.load + sample.backlog;
      const keepsUp = sample.backlog <= 0 && sample.refused === 0 && sample.load <= sample.capacity;
      if (keepsUp && stepMs > 0) learn(sample, stepMs);
      const workMs = requests >= LEAST_REQUESTS ? work / requests : 0;
      if (keepsUp || workMs === 0 || stepMs === 0) return { offered: demand, excess: 0, workMs };
      const refused = (sample.refused * workMs) / stepMs;
      // What was taken in cannot need more than what is there: where the work of requests has fallen, the look is right and the memory wrong.
      const taken = Math.min(demand, ((sample.arrived - sample.refused) * workMs) / stepMs);
      // Of the pile, as of the demand, each request is as much load as the others.
      const excess = demand > 0 ? ((demand - taken) / demand) * sample.requests : 0;
      return { offered: taken + refused, excess, workMs };
    },
  };
}
