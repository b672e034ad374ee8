// In which order a call goes through the backends of its model, and then of the model's fallbacks. It is made anew after each failed
// attempt, from what is known by then, so a backend that began to cool meanwhile is not asked. Only backends that the model or its
// fallbacks declare are ever in it: what the plan of the app allowed (regions, prices) holds for every retry, hedge and resumption.
//
// A backend's conditions speak of those before it in its model. `always`: in its turn. `unavailable`: no backend before it can answer.
// `saturated`: of those before it that can answer, every one is full. One whose own conditions do not hold cannot answer either. Neighbours with the same conditions that carry weights form a
// group, drawn by weight; within a group nobody is before the other.
import { assertNever, type BackendCondition, type Random } from "@flyball/core";
import { chooseByWeight } from "../balance/weighted-choice.ts";

/** What a backend can do for this call now. */
export type BackendState =
  | "free"
  /** It could answer, but every endpoint is full: the call would wait. */
  | "saturated"
  | "cooling"
  /** No endpoint, or every endpoint is ejected. */
  | "unavailable"
  /** It failed in this call; also one whose place was waited for in vain. */
  | "failed";

/** A backend as the plan sees it. */
export interface PlannableBackend {
  /** Absent or empty: always. */
  readonly use?: readonly BackendCondition[];
  readonly weight?: number;
  readonly contextTokens?: number;
  readonly state: BackendState;
  /** For `cooling`: until when, in monotonic milliseconds. */
  readonly coolsUntil?: number;
}

/** What a call asks of the plan. `models[0]` is the one that the client named, then its fallbacks in order. */
export interface PlanInput<B extends PlannableBackend> {
  readonly models: readonly (readonly B[])[];
  /** Tokens of the prompt and the longest answer; undefined: not known. */
  readonly neededTokens: number | undefined;
  readonly random: Random;
}

/** One step of the order. */
export interface BackendCandidate<B> {
  readonly backend: B;
  /** Index in `models`. */
  readonly model: number;
  /** It is full: the call waits for a place there. */
  readonly isWait: boolean;
  /** Only if those before it failed; not when they were merely full and the wait for them was in vain. */
  readonly needsFailure: boolean;
}

/** The order, or why there is none. */
export type BackendPlan<B> =
  | { readonly kind: "candidates"; readonly order: readonly BackendCandidate<B>[] }
  /** All that could take it cool; the earliest is back then (monotonic). To be answered with 429. */
  | { readonly kind: "cooling"; readonly until: number }
  /** The prompt is too long for each of them. */
  | { readonly kind: "too-large" }
  /** None is there, or all have failed. */
  | { readonly kind: "unavailable" };

type Standing = BackendState | "too-small";

/** Makes the order of candidates for a call. Each candidate assumes that those before it failed. */
export function planBackends<B extends PlannableBackend>(input: PlanInput<B>): BackendPlan<B> {
  const order: BackendCandidate<B>[] = [];
  let isEarlierModelFull = false;
  for (const [model, backends] of input.models.entries()) {
    const standings = backends.map((backend): Standing =>
      fits(backend, input.neededTokens) ? backend.state : "too-small",
    );
    const steps = orderOf(backends, standings, input.random);
    for (const { index, isWait, needsFailure } of steps) {
      order.push({
        backend: backends[index] as B,
        model,
        isWait,
        needsFailure: needsFailure || isEarlierModelFull,
      });
    }
    if (standings.includes("saturated")) isEarlierModelFull = true;
  }
  return order.length > 0 ? { kind: "candidates", order } : whyNone(input);
}

interface Step {
  readonly index: number;
  readonly isWait: boolean;
  readonly needsFailure: boolean;
}

/** Takes the next eligible backend, assumes that it fails, and looks again. Free ones go before any that must be waited for. */
function orderOf(backends: readonly PlannableBackend[], standings: readonly Standing[], random: Random): Step[] {
  const assumed = [...standings];
  const steps: Step[] = [];
  for (;;) {
    const index = nextOf(backends, assumed, "free", random) ?? nextOf(backends, assumed, "saturated", random);
    if (index === undefined) return steps;
    const before = standings.slice(0, groupStart(backends, index));
    steps.push({
      index,
      isWait: assumed[index] === "saturated",
      needsFailure:
        before.includes("saturated") && !isInTurn(backends[index]) && !hasCondition(backends[index], "saturated"),
    });
    assumed[index] = "failed";
  }
}

function nextOf(
  backends: readonly PlannableBackend[],
  assumed: readonly Standing[],
  wanted: "free" | "saturated",
  random: Random,
): number | undefined {
  const eligible = eligibleAmong(backends, assumed);
  for (let index = 0; index < backends.length; index += 1) {
    if (assumed[index] !== wanted || !eligible[index]) continue;
    const start = groupStart(backends, index);
    const group = backends
      .map((backend, at) => ({ at, weight: backend.weight ?? 0 }))
      .filter(({ at }) => at >= index && groupStart(backends, at) === start && assumed[at] === wanted);
    return group[Math.max(0, chooseByWeight(group, random))]?.at;
  }
  return undefined;
}

/** Whose conditions hold, in order: one whose own do not hold is no alternative to those behind it. */
function eligibleAmong(backends: readonly PlannableBackend[], assumed: readonly Standing[]): readonly boolean[] {
  const eligible: boolean[] = [];
  for (const [index, backend] of backends.entries()) {
    const before = assumed.slice(0, groupStart(backends, index)).filter((_, earlier) => eligible[earlier]);
    eligible.push(isInTurn(backend) || doConditionsHold(backend, before));
  }
  return eligible;
}

function doConditionsHold({ use = [] }: PlannableBackend, before: readonly Standing[]): boolean {
  const isOneFree = before.includes("free");
  const isOneFull = before.includes("saturated");
  return use.some((condition) => {
    switch (condition) {
      case "always":
        return true;
      case "unavailable":
        return !isOneFree && !isOneFull;
      case "saturated":
        return !isOneFree && isOneFull;
      default:
        return assertNever(condition);
    }
  });
}

function isInTurn(backend: PlannableBackend | undefined): boolean {
  const use = backend?.use ?? [];
  return use.length === 0 || use.includes("always");
}

function hasCondition(backend: PlannableBackend | undefined, condition: BackendCondition): boolean {
  return backend?.use?.includes(condition) ?? false;
}

/** Index of the first backend of the group of neighbours that this one is in. */
function groupStart(backends: readonly PlannableBackend[], index: number): number {
  let start = index;
  while (start > 0 && areNeighbours(backends[start - 1], backends[start])) start -= 1;
  return start;
}

function areNeighbours(one: PlannableBackend | undefined, other: PlannableBackend | undefined): boolean {
  if (one?.weight === undefined || other?.weight === undefined) return false;
  return conditionsOf(one) === conditionsOf(other);
}

function conditionsOf(backend: PlannableBackend): string {
  return isInTurn(backend) ? "always" : (backend.use ?? []).toSorted().join();
}

function fits(backend: PlannableBackend, neededTokens: number | undefined): boolean {
  return neededTokens === undefined || backend.contextTokens === undefined || neededTokens <= backend.contextTokens;
}

function whyNone<B extends PlannableBackend>({ models, neededTokens }: PlanInput<B>): BackendPlan<B> {
  const all = models.flat();
  const fitting = all.filter((backend) => fits(backend, neededTokens));
  if (all.length > 0 && fitting.length === 0) return { kind: "too-large" };
  const until = fitting
    .filter(({ state }) => state === "cooling")
    .reduce((earliest, { coolsUntil }) => Math.min(earliest, coolsUntil ?? earliest), Number.POSITIVE_INFINITY);
  return until === Number.POSITIVE_INFINITY ? { kind: "unavailable" } : { kind: "cooling", until };
}
