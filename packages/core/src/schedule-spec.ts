// What a manifest may say of how a pool is scheduled, and what holds where it says nothing. The defaults stand here alone: the reference of the
// manifest, the scheduler, the gateway and the simulation take them from here.
import type { Priority } from "./priority.ts";

/**
 * How the requests of one tenant are ordered. srtf: least remaining work first. boost: by arrival, moved forward the more, the less work is
 * left. arrival: as they came.
 */
export const TENANT_ORDERS = ["srtf", "boost", "arrival"] as const;

/** One of them. */
export type TenantOrderName = (typeof TENANT_ORDERS)[number];

/** A share for each class (> 0). */
export type ClassWeights = Readonly<Record<Priority, number>>;

/** The knobs of one pool. An absent one has its default. */
export interface ScheduleSpec {
  /** Shares of the work while requests of all classes wait. */
  readonly classWeights?: Partial<ClassWeights>;
  readonly order?: TenantOrderName;
  /** γ of `boost`, 1/s (> 0): a small one is nearly srtf, a large one nearly arrival. */
  readonly gammaPerSecond?: number;
  /** Prompts go to endpoints that know their beginning. */
  readonly hasPrefixAffinity?: boolean;
  /** Share of the best match (0–1] from which an endpoint counts as one that knows a prompt. */
  readonly prefixThreshold?: number;
  /** Parts of prompts, of `PROMPT_CHUNK_TOKENS` each, that may be in flight at an endpoint (≥ 1). */
  readonly promptChunks?: number;
  /** Share of an endpoint's KV memory (0–1] that requests may reserve. */
  readonly kvUtilization?: number;
  /** Tokens that an endpoint's KV memory holds. Where its engine tells too, the smaller number counts; absent: only what the engine tells. */
  readonly kvTokens?: number;
  /**
   * Mean time between two tokens of an answer that is wanted at most, ms (> 0): no more requests at once than keep it. Absent: `ITL_OBJECTIVE_MS`, or
   * `ITL_TIMES_ALONE` times as much as a request alone takes there, where that is more.
   */
  readonly itlObjectiveMs?: number;
  /** A new endpoint gets its full share after this time; 0: at once. */
  readonly slowStartMs?: number;
}

/** All knobs of one pool. */
export interface Schedule extends Required<Omit<ScheduleSpec, "classWeights" | "kvTokens" | "itlObjectiveMs">> {
  readonly classWeights: ClassWeights;
  readonly kvTokens: number | undefined;
  readonly itlObjectiveMs: number | undefined;
}

/** Tokens that come ten a second are read as they come. */
export const ITL_OBJECTIVE_MS = 100;

/** An endpoint that is slow alone would be held to one request for an objective that it can never keep. Three, as the default of WVA (llm-d). */
export const ITL_TIMES_ALONE = 3;

/** A part of a prompt, as engines cut it unless they are told otherwise. */
export const PROMPT_CHUNK_TOKENS = 2_048;

/** A tenant's share against others of its class. */
export const DEFAULT_TENANT_WEIGHT = 1;

/**
 * What holds where nothing is said. 0.8 as in llm-d. Chunks: the one that is being read, the next one, and as much again, because that a prompt is
 * read is known only with a first token, and by then the next step has begun; with two the longest waits of a burst are half as long again, with
 * more than four there is nothing to gain. All of the memory: what is reserved is a forecast of its highest use, and a margin on top of that costs more
 * waits than it spares requests that are thrown out.
 */
export const DEFAULT_SCHEDULE: Schedule = Object.freeze({
  classWeights: Object.freeze({ high: 8, normal: 4, low: 2 }),
  order: "srtf",
  gammaPerSecond: 0.02,
  hasPrefixAffinity: true,
  prefixThreshold: 0.8,
  promptChunks: 4,
  kvUtilization: 1,
  kvTokens: undefined,
  itlObjectiveMs: undefined,
  slowStartMs: 0,
});

/** The knobs with what holds where nothing is said. */
export function completeSchedule(spec: ScheduleSpec = {}): Schedule {
  const classWeights = { ...DEFAULT_SCHEDULE.classWeights, ...spec.classWeights };
  return { ...DEFAULT_SCHEDULE, ...spec, classWeights };
}
