// The answer of `flyball simulate capacity` in words: each limit with the formula behind it, the plan, the check, and what to make of a difference.
import type { CapacityPlan, LimitName } from "@flyball/sim";
import type { PlainMessageKey, Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import type { CapacityResult, CapacityTrial } from "./capacity-result.ts";
import { durationText, figureText, shareText } from "../render/number-text.ts";

const LIMITS: readonly LimitName[] = ["prefill", "slots", "memory", "itl"];
const FORMULAS: Readonly<Record<LimitName, PlainMessageKey>> = {
  prefill: "capacity.prefill",
  slots: "capacity.slots",
  memory: "capacity.memory",
  itl: "capacity.itl",
};
const NAMES: Readonly<Record<LimitName, PlainMessageKey>> = {
  prefill: "capacity.prefill-name",
  slots: "capacity.slots-name",
  memory: "capacity.memory-name",
  itl: "capacity.itl-name",
};

/** One profile's answer. */
export function capacityText(result: CapacityResult, translate: Translate, style: Style): string {
  const { profile, plan, requestsPerSecond } = result;
  const { limits } = plan;
  const head = [
    translate("capacity.limit-column"),
    translate("capacity.rate-column"),
    translate("capacity.why-column"),
  ];
  const rows = LIMITS.map((name) => [
    name === limits.binding ? style.bold(`→ ${translate(NAMES[name])}`) : `  ${translate(NAMES[name])}`,
    Number.isFinite(limits[name]) ? figureText(limits[name]) : "∞",
    translate(FORMULAS[name]),
  ]);
  return [
    style.bold(translate("capacity.title", { profile, rate: figureText(requestsPerSecond) })),
    "",
    renderTable(head, rows, style),
    "",
    ...planText(result, plan, translate),
    ...checkText(result, translate, style),
  ].join("\n");
}

function planText(result: CapacityResult, plan: CapacityPlan, translate: Translate): readonly string[] {
  const { objective, attainment, profile } = result;
  if (plan.outcome === "impossible") {
    const bound = plan.what === "ttft" ? objective.ttftMs : objective.tpotMs;
    const values = {
      alone: durationText(plan.aloneMs),
      bound: durationText(bound),
      profile,
      share: shareText(attainment),
    };
    return [
      plan.what === "ttft"
        ? translate("capacity.ttft-impossible", values)
        : translate("capacity.itl-impossible", values),
    ];
  }
  if (plan.outcome === "too-many")
    return [translate("capacity.too-many", { rate: figureText(plan.limits.requestsPerSecond) })];
  const { state, replicas, ttftMs, isForTtft, limits } = plan;
  const each = result.requestsPerSecond / replicas;
  return [
    translate("capacity.planned", {
      replicas,
      rate: figureText(result.requestsPerSecond),
      limit: figureText(limits.requestsPerSecond),
      share: shareText(result.plannedShare),
      name: translate(NAMES[limits.binding]),
    }),
    ...(isForTtft ? [translate("capacity.for-ttft", { ttft: durationText(objective.ttftMs) })] : []),
    translate("capacity.each", {
      each: figureText(each),
      step: durationText(state.stepMs),
      decoding: figureText(state.decoding),
      slots: shareText(state.slotShare),
      memory: shareText(state.kvShare),
      prefill: shareText(state.prefillShare),
      ttft: durationText(ttftMs),
      quantile: figureText(attainment * 100),
    }),
  ];
}

function checkText(result: CapacityResult, translate: Translate, style: Style): readonly string[] {
  const { trials, replicas, plan, policy } = result;
  if (plan.outcome !== "planned") return [];
  const trialHead = [
    translate("column.instances"),
    translate("simulate.good-column"),
    "TTFT P50",
    "P95",
    "ITL P50",
    "P95",
    translate("capacity.flow-column"),
    "X × R",
  ];
  const ascending = trials.toSorted((a, b) => a.replicas - b.replicas);
  const rows = ascending.map((trial) => trialRow(trial, style));
  const atAnswer = trials.find((trial) => trial.replicas === replicas);
  return [
    "",
    translate("capacity.check", { policy }),
    renderTable(trialHead, rows, style),
    "",
    verdict(result, plan.replicas, translate),
    ...(atAnswer === undefined ? [] : [littleText(atAnswer, translate)]),
  ];
}

function trialRow({ replicas, isKept, goodShare, ttft, itl, flow }: CapacityTrial, style: Style): readonly string[] {
  return [
    `${isKept ? style.green("✓") : style.red("✗")} ${replicas}`,
    shareText(goodShare),
    durationText(ttft.p50),
    durationText(ttft.p95),
    durationText(itl.p50),
    durationText(itl.p95),
    figureText(flow.inSystem),
    figureText((flow.requestsPerSecond * flow.latencyMs) / 1_000),
  ];
}

function verdict(result: CapacityResult, planned: number, translate: Translate): string {
  const { replicas, attainment, trials } = result;
  const share = shareText(attainment);
  if (replicas === undefined)
    return translate("capacity.not-kept", { share, replicas: Math.max(...trials.map((trial) => trial.replicas)) });
  if (replicas === planned) return translate("capacity.agrees", { replicas, share });
  const values = { replicas, planned, share };
  return replicas > planned ? translate("capacity.more", values) : translate("capacity.fewer", values);
}

/** Beyond this the two do not agree: more comes than goes while the trace lasts. */
const LITTLE_TOLERANCE = 0.1;

function littleText({ flow }: CapacityTrial, translate: Translate): string {
  const product = (flow.requestsPerSecond * flow.latencyMs) / 1_000;
  const values = {
    flow: figureText(flow.requestsPerSecond),
    latency: durationText(flow.latencyMs),
    product: figureText(product),
    counted: figureText(flow.inSystem),
  };
  const isSteady = Math.abs(product / flow.inSystem - 1) <= LITTLE_TOLERANCE;
  return isSteady ? translate("capacity.little", values) : translate("capacity.little-unsteady", values);
}
