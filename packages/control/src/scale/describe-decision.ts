// A decision in words: what was seen, against what, and what kept it from more.
import type { ComposedText, ScaleSpec } from "@flyball/core";
import { stabilisationMs, type ScaleDecision } from "@flyball/traffic";
import { composeText } from "../texts/compose-text.ts";

/** The reason of an override. */
export function describeDecision(decision: ScaleDecision, policy: ScaleSpec, coldStartMs: number): ComposedText {
  const reason = sentenceOf(decision, policy, coldStartMs);
  if (decision.limitedBy === "max") return composeText("scale.limited-max", { reason, max: policy.max });
  return decision.limitedBy === "room" ? composeText("scale.limited-room", { reason }) : reason;
}

function sentenceOf(decision: ScaleDecision, policy: ScaleSpec, coldStartMs: number): ComposedText {
  const { rule, evidence } = decision;
  if (rule === "bounds" || evidence === undefined)
    return composeText("scale.bounds", { min: policy.min, max: policy.max });
  const load = evidence.weightedAverageLoad.toFixed(2);
  const { wanted } = evidence;
  switch (rule) {
    case "drain":
      return composeText("scale.drain", {
        waiting: Math.round(evidence.excess),
        drain: Number.isFinite(evidence.drainMs) ? seconds(evidence.drainMs) : "∞",
        start: seconds(coldStartMs),
        wanted,
      });
    case "panic":
      return composeText("scale.panic", { load, target: policy.target, wanted });
    case "shrink":
      return composeText("scale.shrink", {
        load,
        target: policy.target,
        seconds: seconds(stabilisationMs(policy, coldStartMs)),
      });
    case "load":
    case "hold":
    case "no-evidence":
      return composeText("scale.load", { load, target: policy.target, seconds: seconds(policy.windowMs), wanted });
  }
}

function seconds(milliseconds: number): string {
  return String(Math.round(milliseconds / 100) / 10);
}
