// How those who wait for a service's instances are ordered, and what an instance may have at once. Defaults are told here and applied by whoever
// schedules: a service that says nothing of a knob has the default of the program that serves it.
import { z } from "zod";
import {
  DEFAULT_SCHEDULE,
  DEFAULT_TENANT_WEIGHT,
  ITL_OBJECTIVE_MS,
  ITL_TIMES_ALONE,
  PROMPT_CHUNK_TOKENS,
  TENANT_ORDERS,
} from "../../schedule-spec.ts";
import { described, section, withDefault } from "./described.ts";
import { choice, duration, numberWithin, wholeNumber } from "./scalars.ts";

const WEIGHTS = [0.01, 1_000] as const;
const GAMMAS = [0.0001, 100] as const;
const SHARES = [0.1, 1] as const;
const CHUNKS = [1, 1_024] as const;
const TOKENS = [1, 1_000_000_000] as const;

const { classWeights, gammaPerSecond, prefixThreshold, kvUtilization } = DEFAULT_SCHEDULE;

/** A share among others of its kind. */
const weight = numberWithin(WEIGHTS, { what: "a weight", like: 2 });

/** `weight` of a tenant. */
export const tenantWeight = described(
  withDefault(weight.optional(), DEFAULT_TENANT_WEIGHT),
  `Its share against other tenants of its class, while both wait: with 3 it gets three times what a tenant with 1 gets. ${between(WEIGHTS)}.`,
  `双方都在等待时，它相对于同等级其他租户的份额：写 3 得到的服务是写 1 的租户的三倍。${range(WEIGHTS)}。`,
);

const classes = section(
  "classes",
  {
    high: described(
      withDefault(weight.optional(), classWeights.high),
      `Weight of the class high. ${between(WEIGHTS)}.`,
      `等级 high 的权重。${range(WEIGHTS)}。`,
    ),
    normal: described(
      withDefault(weight.optional(), classWeights.normal),
      `Weight of the class normal, which a request has where nobody says another. ${between(WEIGHTS)}.`,
      `等级 normal 的权重；没有写明等级的请求属于它。${range(WEIGHTS)}。`,
    ),
    low: described(
      withDefault(weight.optional(), classWeights.low),
      `Weight of the class low. ${between(WEIGHTS)}.`,
      `等级 low 的权重。${range(WEIGHTS)}。`,
    ),
  },
  {
    english:
      "Weights of the classes: how the work is shared while requests of all of them wait. Which class a request has, its priority says.",
    chinese: "各等级的权重：都有请求等待时如何分配工作。请求属于哪个等级由 priority 决定。",
  },
);

/** `schedule`. */
export const schedule = section(
  "schedule",
  {
    classes: described(classes.optional(), "Weights of the classes.", "各等级的权重。"),
    order: described(
      withDefault(choice(TENANT_ORDERS).optional(), DEFAULT_SCHEDULE.order),
      "Order of the requests of one tenant. srtf: least remaining work first, one turn in four to an oldest that is late. boost: by arrival, moved forward the more, the less work is left. arrival: as they came.",
      "同一租户的请求的次序。srtf：剩余工作最少的优先，每四次中有一次给等得太久的最早请求。boost：按到达，剩余工作越少越提前。arrival：按到达顺序。",
    ),
    gamma: described(
      numberWithin(GAMMAS, { what: "a rate per second", like: gammaPerSecond }).optional(),
      `With order: boost, per second. A small one is nearly srtf, a large one nearly arrival; it goes with the load. ${between(GAMMAS)}. Default ${gammaPerSecond}.`,
      `用于 order: boost，单位为每秒。小则接近 srtf，大则接近 arrival；应随负载选取。${range(GAMMAS)}。默认 ${gammaPerSecond}。`,
    ),
    prefix_affinity: described(
      withDefault(z.boolean({ error: "expected true or false" }).optional(), DEFAULT_SCHEDULE.hasPrefixAffinity),
      "A prompt goes to an instance that knows its beginning. false: prompts are not looked at and go where the load is least.",
      "提示去往认识其开头的实例。false：不查看提示，只去负载最小处。",
    ),
    prefix_threshold: described(
      withDefault(numberWithin(SHARES, { what: "a share", like: prefixThreshold }).optional(), prefixThreshold),
      `Share of the best match from which an instance counts as one that knows the prompt. ${between(SHARES)}.`,
      `相对于最佳命中的比例，达到它的实例算认识该提示。${range(SHARES)}。`,
    ),
    prompt_chunks: described(
      withDefault(wholeNumber(...CHUNKS).optional(), DEFAULT_SCHEDULE.promptChunks),
      `Chunks of prompts, of ${PROMPT_CHUNK_TOKENS} tokens each, that may be in flight at an instance. A prompt that is larger than all of them goes where none is being read. ${between(CHUNKS)}.`,
      `一个实例上可同时在途的提示分段数，每段 ${PROMPT_CHUNK_TOKENS} 个 token。比它们合起来还大的提示去没有在读提示的实例。${range(CHUNKS)}。`,
    ),
    kv_utilization: described(
      withDefault(numberWithin(SHARES, { what: "a share", like: 0.9 }).optional(), kvUtilization),
      `Share of an instance's key-value memory that requests may reserve; the rest is headroom. ${between(SHARES)}.`,
      `实例的键值内存中可被请求预留的比例；其余为余量。${range(SHARES)}。`,
    ),
    kv_tokens: described(
      wholeNumber(...TOKENS).optional(),
      `Tokens that an instance's key-value memory holds, for an engine that does not tell. Where it tells too, the smaller number counts. ${between(TOKENS)}. Default: what the engine tells, else no bound.`,
      `实例的键值内存可容纳的 token 数，用于不自行报告的引擎。引擎也报告时取较小者。${range(TOKENS)}。默认为引擎所报告的值，没有则不限。`,
    ),
    itl_objective: described(
      duration.optional(),
      `Mean time between two tokens of an answer that is wanted at most, 1ms–1m. An instance gets no more requests at once than keep it; with concurrency that number holds instead. Default: ${ITL_OBJECTIVE_MS}ms, or ${ITL_TIMES_ALONE} times what a request alone takes there, where that is more.`,
      `回答中两个 token 之间的平均时间上限，1ms–1m。一个实例同时的请求数不超过能守住它的数量；写了 concurrency 时以该数为准。默认 ${ITL_OBJECTIVE_MS}ms；若实例单独处理一个请求时的间隔的 ${ITL_TIMES_ALONE} 倍更大，则取后者。`,
    ),
    slow_start: described(
      withDefault(duration.optional(), "0s"),
      "Time in which the share of a new instance rises from a tenth to all of it, at most 1h. 0s: it has all of it at once.",
      "新实例的份额从十分之一升到全部的时间，最长 1h。0s：立即得到全部。",
    ),
  },
  {
    english:
      "How those who wait for an instance are ordered, and what an instance may have at once. A change is taken over while requests wait, and they go on waiting.",
    chinese: "等待实例的请求如何排序，以及一个实例同时可以有多少。修改会即时生效，等待中的请求继续等待。",
  },
);

/** `schedule` as it is read. */
export type ScheduleInput = z.output<typeof schedule>;

function between([least, most]: readonly [number, number]): string {
  return `From ${least} to ${most}`;
}

function range([least, most]: readonly [number, number]): string {
  return `取值 ${least} 到 ${most}`;
}
