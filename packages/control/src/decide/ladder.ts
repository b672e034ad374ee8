// The next step for an incident. Pure, and without a memory of its own: where the incident stands follows from the actions that are written in it, so a
// restart of control in the middle of anything goes on where things stand.
//
// Rungs are tried in order, each once. One that was taken has its time to help; while it runs nothing else is done. One that a guard holds back by
// circumstances is passed over when its turn has lasted as long as its time to help would, so the end, asking a person, is always reached.
import type { ComposedText, Incident, Rung } from "@flyball/core";
import { composeText } from "../texts/compose-text.ts";
import { timeToHelpMs, type LadderRung } from "./ladder-table.ts";
import type { Verdict } from "./situation.ts";

/** What to do now. */
export type NextStep =
  /** `evidence` is what was seen last; `next` is the rung that follows if it does not help. */
  | {
      readonly kind: "step";
      readonly rung: Rung;
      readonly reason: ComposedText;
      readonly evidence: string;
      readonly next?: Rung;
    }
  /** Nothing; `until` is absent where only a change of circumstances ends it. */
  | { readonly kind: "wait"; readonly reason: ComposedText; readonly until?: number }
  /** Not done: a person may. */
  | { readonly kind: "advice"; readonly rung: Rung; readonly reason: ComposedText; readonly next?: Rung };

/** What the ladder is climbed by. */
export interface LadderFacts {
  readonly rungs: readonly LadderRung[];
  readonly now: number;
  /** Actions before it count for nothing: a new revision is another cause. */
  readonly since: number;
  /** How long a start of the service takes, at most. */
  readonly startMs: number;
  readonly judge: (rung: Rung) => Verdict;
}

interface Tried {
  readonly at: number;
  readonly isAdvice: boolean;
}

/** The next step. */
export function nextStep(incident: Incident, facts: LadderFacts): NextStep {
  const { rungs, now } = facts;
  if (incident.state === "recovering") return { kind: "wait", reason: composeText("heal.recovering") };
  // Nothing shows that the fault goes on: requests are to say it first.
  if (incident.dataMissingSince !== undefined) return { kind: "wait", reason: composeText("heal.no-data") };
  const tried = triedRungs(incident, facts.since);
  const furthest = rungs.findLastIndex(({ rung }) => tried.has(rung));
  let turnAt = Math.max(incident.detectedAt, facts.since);
  for (const [index, rung] of rungs.entries()) {
    const before = tried.get(rung.rung);
    const endsAt = (before?.at ?? turnAt) + timeToHelpMs(rung, facts.startMs);
    if (rung.rung === "ask" && before !== undefined) return { kind: "wait", reason: composeText("heal.asked") };
    if (before?.isAdvice === false) {
      if (now < endsAt) {
        return { kind: "wait", until: endsAt, reason: composeText("heal.has-time", { rung: rungText(rung.rung) }) };
      }
      turnAt = Math.max(turnAt, endsAt);
      continue;
    }
    if (index < furthest) continue;
    const next = nextOf(rungs, index);
    const verdict = facts.judge(rung.rung);
    const held = whatHolds(verdict, { now, endsAt, isAdvised: before !== undefined });
    if (held === "do") return stepOf(incident, rung.rung, next);
    if (held === "advise") return { kind: "advice", rung: rung.rung, reason: reasonOf(verdict), ...next };
    if (held === "wait") return { kind: "wait", reason: reasonOf(verdict), ...untilOf(verdict) };
    if (verdict.kind !== "impossible") turnAt = Math.max(turnAt, endsAt);
  }
  return { kind: "wait", reason: composeText("heal.asked") };
}

/** What follows from the guards' verdict: the rung is done, advised, waited for, or passed over. */
function whatHolds(
  verdict: Verdict,
  { now, endsAt, isAdvised }: { readonly now: number; readonly endsAt: number; readonly isAdvised: boolean },
): "do" | "advise" | "wait" | "pass" {
  switch (verdict.kind) {
    case "ok":
      return "do";
    case "impossible":
      return "pass";
    case "wait":
      return now < endsAt ? "wait" : "pass";
    case "advise":
      return isAdvised ? "wait" : "advise";
    case "forbidden":
      if (!isAdvised) return "advise";
      return now < endsAt ? "wait" : "pass";
  }
}

/** What was done first of each rung; advice where nothing was done. */
function triedRungs({ actions }: Incident, since: number): ReadonlyMap<Rung, Tried> {
  const tried = new Map<Rung, Tried>();
  for (const { at, rung, isAdvice } of actions) {
    if (rung === undefined || at < since) continue;
    const known = tried.get(rung);
    if (known === undefined || (known.isAdvice && isAdvice !== true))
      tried.set(rung, { at, isAdvice: isAdvice === true });
  }
  return tried;
}

function stepOf(incident: Incident, rung: Rung, next: { readonly next?: Rung }): NextStep {
  const evidence = incident.evidence.at(-1)?.text ?? incident.summary;
  const reason =
    rung === "ask"
      ? composeText("heal.ask", { number: incident.number })
      : composeText("heal.step", { rung: rungText(rung), number: incident.number });
  return { kind: "step", rung, reason, evidence, ...next };
}

function nextOf(rungs: readonly LadderRung[], index: number): { readonly next?: Rung } {
  const next = rungs[index + 1]?.rung;
  return next === undefined ? {} : { next };
}

function reasonOf(verdict: Verdict): ComposedText {
  return verdict.kind === "ok" ? composeText("heal.asked") : verdict.reason;
}

function untilOf(verdict: Verdict): { readonly until?: number } {
  return "until" in verdict && verdict.until !== undefined ? { until: verdict.until } : {};
}

/** The word for a rung. */
export function rungText(rung: Rung): ComposedText {
  return composeText(`rung.${rung}`);
}
