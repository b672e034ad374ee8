// What is done to a candidate, as data. The quick plan shows whether the bench works and what stands out; its intervals are too short
// for figures to be quoted.
import type { AnswerKind } from "./upstream/answer-kind.ts";

/** One thing that is done to a candidate. */
export type Workload = {
  /** Beginning of the names of its measures. */
  readonly id: string;
  readonly kind: AnswerKind;
  /** Also done to candidates with two workers. */
  readonly isForWorkers: boolean;
  /** Done in the first round only. */
  readonly isOnce: boolean;
} & (
  | { readonly load: "closed"; readonly connections: number; readonly seconds: number }
  | { readonly load: "open"; readonly perSecond: number; readonly warmUpMs: number; readonly durationMs: number }
  | { readonly load: "streams"; readonly streams: number; readonly paceMs: number; readonly durationMs: number }
);

/** A whole run. */
export interface BenchPlan {
  readonly rounds: number;
  /** Done before anything is measured, so that compilers are done with what is measured. */
  readonly warmUps: readonly Workload[];
  readonly workerCounts: readonly number[];
  readonly workloads: readonly Workload[];
}

/** Words of a stream whose first word is timed. */
export const FIRST_CHUNK_WORDS = 3;

/** The plan of a run. */
export function benchPlan(isQuick: boolean): BenchPlan {
  const always = { isForWorkers: false, isOnce: false };
  const forWorkers = { isForWorkers: true, isOnce: false };
  const once = { isForWorkers: false, isOnce: isQuick };
  const pick = (quick: number, full: number): number => (isQuick ? quick : full);
  const small = { kind: "small", load: "closed", connections: 64, seconds: pick(1, 5) } as const;
  const streams = { kind: "pace10", load: "streams", streams: 64, paceMs: 10 } as const;
  const warmUps: Workload[] = [
    { id: "warm-up", ...always, ...small, seconds: pick(2, 8) },
    { id: "warm-up-streams", ...always, ...streams, durationMs: pick(1_000, 4_000) },
  ];
  const open = { load: "open", perSecond: 500, warmUpMs: 300 } as const;
  const workloads: Workload[] = [
    { id: "json-1k", ...forWorkers, ...small },
    { id: "json-16k", ...once, kind: "large", load: "closed", connections: 64, seconds: pick(1, 3) },
    { id: "prompt-100k", ...once, kind: "prompt", load: "closed", connections: 16, seconds: pick(1, 3) },
    { id: "open-1k", ...always, ...open, kind: "small", durationMs: pick(1_200, 5_000) },
    { id: "first-chunk", ...always, ...open, kind: "pace10", perSecond: 100, durationMs: pick(1_000, 3_000) },
    { id: "chunks", ...forWorkers, ...streams, durationMs: pick(1_500, 5_000) },
    {
      id: "hold-256",
      ...once,
      kind: "pace50",
      load: "streams",
      streams: 256,
      paceMs: 50,
      durationMs: pick(1_200, 3_000),
    },
  ];
  if (!isQuick) {
    workloads.push(
      { id: "open-16k", ...always, ...open, kind: "large", durationMs: 2_000 },
      { id: "open-100k", ...always, ...open, kind: "prompt", perSecond: 20, durationMs: 2_000 },
      { id: "hold-512", ...always, kind: "pace50", load: "streams", streams: 512, paceMs: 50, durationMs: 3_000 },
    );
  }
  return { rounds: pick(2, 3), warmUps, workerCounts: isQuick ? [1] : [1, 2], workloads };
}
