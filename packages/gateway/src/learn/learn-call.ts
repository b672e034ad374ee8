// What a call that has ended teaches: how long its answer became, and how many tokens its bytes were. An answer that was cut off, by a bound or
// because its client left, would have been longer; to count it as it came would teach that answers are short.
import { inputTokens, outputTokens, type LedgerRecord } from "@flyball/core";
import type { AnswerOutcome, OutputPredictor } from "@flyball/traffic";
import { answeringAttempt } from "../ledger/build-record.ts";
import type { AttemptAccount, CallAccount } from "../ledger/call-account.ts";
import type { Forecast } from "./forecast.ts";
import type { TokenScales } from "./token-scales.ts";

/** What learns. */
export interface CallLearners {
  readonly predictor: OutputPredictor;
  readonly scales: TokenScales;
}

/** Learns from a call whose account is settled; some 5 µs. Calls that nobody answered teach nothing. */
export function learnCall(
  learners: CallLearners,
  forecast: Forecast,
  account: CallAccount,
  record: LedgerRecord,
): void {
  const attempt = answeringAttempt(account.attempts);
  if (attempt === undefined || record.isCached || !account.start.isOutputText) return;
  learnScales(learners.scales, forecast, attempt);
  const tokens = tokensOf(learners.scales, forecast, account, record);
  const outcome = tokens > 0 ? outcomeOf(forecast, record, tokens) : undefined;
  if (outcome !== undefined) learners.predictor.learn(forecast.traits, tokens, outcome);
}

/** undefined: it failed, and says nothing of answers. */
function outcomeOf({ traits }: Forecast, { outcome }: LedgerRecord, tokens: number): AnswerOutcome | undefined {
  switch (outcome) {
    case "answered":
      return tokens >= (traits.maxOutputTokens ?? Number.POSITIVE_INFINITY) ? "truncated" : "complete";
    case "cancelled":
    case "cut":
      return "truncated";
    case "failed":
    case "refused":
    case "shed":
    case "lost":
    case "limit-late":
      return undefined;
    default:
      return outcome satisfies never;
  }
}

/** Of the answer that the client got: of a resumed one all parts, of a hedged one the one that won. */
function tokensOf(
  scales: TokenScales,
  { traits }: Forecast,
  { attempts }: CallAccount,
  { isResumed }: LedgerRecord,
): number {
  const answering = answeringAttempt(attempts);
  let tokens = 0;
  for (const attempt of attempts) {
    if (!isResumed && attempt !== answering) continue;
    tokens += attempt.isEstimated
      ? Math.round(scales.outputTokens(traits.model, attempt.contentBytes))
      : outputTokens(attempt.usage);
  }
  return tokens;
}

function learnScales(scales: TokenScales, { traits }: Forecast, attempt: AttemptAccount): void {
  const { usage, isEstimated, contentBytes, outcome, call } = attempt;
  if (isEstimated || outcome !== "succeeded") return;
  const { isInputText, inputBytes } = call.start;
  if (isInputText) scales.learnInput(traits.model, inputBytes, inputTokens(usage));
  scales.learnOutput(traits.model, contentBytes, outputTokens(usage));
}
