// What `flyball explain` says: one request from its arrival to its end, each decision with its reason and the numbers behind it.
import {
  inputTokens,
  outputTokens,
  type CallExplanation,
  type CallScheduling,
  type LedgerRecord,
  type QueueStanding,
  type ScheduledAttempt,
} from "@flyball/core";
import type { PlainMessageKey, Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { formatDuration } from "./duration.ts";
import { formatExactMoment } from "./moment.ts";

/** The text. */
export function renderExplanation(
  { requestId, scheduling, calls }: CallExplanation,
  translate: Translate,
  style: Style,
): string {
  return [
    ...(scheduling === null
      ? [style.bold(requestId), translate("explain.forgotten")]
      : schedulingLines(scheduling, translate, style)),
    "",
    ...(calls.length === 0 ? [translate("explain.no-record")] : calls.flatMap((call) => recordLines(call, translate))),
  ].join("\n");
}

function schedulingLines(scheduling: CallScheduling, translate: Translate, style: Style): readonly string[] {
  const { requestId, model, pool, tenant, attempts, standing, refusal } = scheduling;
  const state = translate(`explain.state-${scheduling.state}`);
  return [
    style.bold(translate("explain.title", { id: requestId, state })),
    translate("explain.who", { model: model ?? "-", pool, tenant: tenant || "-", class: scheduling.class }),
    translate("explain.expected", {
      at: formatExactMoment(scheduling.arrivedAt),
      input: Math.round(scheduling.inputTokens),
      output: Math.round(scheduling.outputTokens),
      high: Math.round(scheduling.outputTokensHigh),
      work: formatDuration(scheduling.workMs),
    }),
    ...attempts.flatMap((attempt) => attemptLines(attempt, translate)),
    ...(standing === undefined ? [] : [standingLine(standing, translate)]),
    ...(refusal === null ? [] : [refusalLine(refusal, translate)]),
  ];
}

function attemptLines(attempt: ScheduledAttempt, translate: Translate): readonly string[] {
  const { at, endpoint, firstTokenAt, endedAt, outcome, outputTokens: tokens } = attempt;
  const lines = [
    whyThen(attempt, translate),
    translate("explain.place", {
      candidates: attempt.candidates,
      load: attempt.loadAfter.toFixed(2),
      cached: Math.round(attempt.cachedTokens),
      uncached: Math.round(attempt.uncachedTokens),
    }),
    ...(firstTokenAt === null ? [] : [translate("explain.first-token", { after: formatDuration(firstTokenAt - at) })]),
    ...(endedAt === null
      ? []
      : [
          translate("explain.end", {
            after: formatDuration(endedAt - at),
            outcome: outcome ?? "-",
            tokens: tokens === null ? "-" : Math.round(tokens),
          }),
        ]),
  ];
  return [translate("explain.attempt", { at: formatExactMoment(at), endpoint }), ...lines.map((line) => `  ${line}`)];
}

function whyThen(attempt: ScheduledAttempt, translate: Translate): string {
  switch (attempt.by) {
    case "at-once":
      return translate("explain.at-once");
    case "careful":
      return translate("explain.careful");
    case "anyway":
      return translate("explain.anyway");
    default:
      return translate("explain.waited", {
        waited: formatDuration(attempt.waitedMs),
        queued: attempt.queuedBefore,
        reason: reasonText(attempt, translate),
      });
  }
}

const REASONS: Readonly<Record<string, PlainMessageKey>> = {
  "at-once": "reason.at-once",
  deadline: "reason.deadline",
  owed: "reason.owed",
  oldest: "reason.oldest",
  claim: "reason.claim",
  fits: "reason.fits",
};

/** A reason of a later release is shown as it is. */
function reasonText({ reason, key }: ScheduledAttempt, translate: Translate): string {
  if (reason === "first") return translate("reason.first", { key: formatDuration(key) });
  const known = REASONS[reason];
  return known === undefined ? translate("reason.other", { reason }) : translate(known);
}

const WAITS: Readonly<Record<string, PlainMessageKey>> = {
  slot: "waits.slot",
  prefill: "waits.prefill",
  memory: "waits.memory",
  warm: "waits.warm",
  turn: "waits.turn",
};

function standingLine({ waitsFor, ahead, isOldestOfTenant, key }: QueueStanding, translate: Translate): string {
  const known = WAITS[waitsFor];
  return translate("explain.standing", {
    what: known === undefined ? translate("waits.other", { what: waitsFor }) : translate(known),
    ahead,
    oldest: translate(isOldestOfTenant ? "explain.is-oldest" : "explain.not-oldest"),
    key: formatDuration(key),
  });
}

function refusalLine({ code, reason }: NonNullable<CallScheduling["refusal"]>, translate: Translate): string {
  return translate("explain.refused", { code, why: reason === null ? "" : ` (${reason})` });
}

function recordLines(record: LedgerRecord, translate: Translate): readonly string[] {
  const { outcome, status, durationMs, ttftMs, attempts, usage, isEstimated } = record;
  return [
    translate("explain.ledger", {
      outcome,
      status,
      duration: formatDuration(durationMs),
      ttft: ttftMs === undefined ? "-" : formatDuration(ttftMs),
    }),
    ...attempts.map((attempt) =>
      translate("explain.ledger-attempt", {
        backend: attempt.backend,
        outcome: attempt.outcome,
        duration: formatDuration(attempt.durationMs),
        input: inputTokens(attempt.usage),
        output: outputTokens(attempt.usage),
      }),
    ),
    translate("explain.usage", {
      input: inputTokens(usage),
      cached: usage.cacheRead,
      output: outputTokens(usage),
      estimated: isEstimated ? translate("explain.estimated") : "",
      cost: costText(record, translate),
    }),
  ];
}

/** Money in micro-units. `≥`: some of it has no known price. */
function costText({ cost: { usd, cny, isUnknown } }: LedgerRecord, translate: Translate): string {
  const parts = [
    ...(usd > 0 ? [`${(usd / 1e6).toFixed(6)} USD`] : []),
    ...(cny > 0 ? [`${(cny / 1e6).toFixed(6)} CNY`] : []),
  ].join(" + ");
  if (isUnknown) return parts === "" ? translate("explain.cost-unknown") : `≥ ${parts}`;
  return parts === "" ? translate("explain.cost-own") : parts;
}
