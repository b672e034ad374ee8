// What an attempt is held to have used: what its backend reported of the whole answer, else the report and an estimate of what came after
// it, else an estimate.
import { NO_USAGE, outputTokens, type TokenUsage } from "@flyball/core";
import type { AttemptAccount, AttemptEnd } from "./call-account.ts";
import type { UsageEstimator } from "./estimate-usage.ts";

/** The very object that was reported where that is all. */
export function usageOfAttempt(
  estimator: UsageEstimator,
  attempt: AttemptAccount,
  { isWorkDone, isWhole }: Pick<AttemptEnd, "isWorkDone" | "isWhole">,
): TokenUsage {
  const { reported } = attempt;
  if (reported === undefined) return isWorkDone ? estimate(estimator, attempt) : NO_USAGE;
  return isWhole ? reported : withUnreported(estimator, attempt, reported);
}

/** What a whole answer and its report say of the tokens per byte. */
export function learnFrom(
  estimator: UsageEstimator,
  { target, call, contentBytes }: AttemptAccount,
  reported: TokenUsage,
): void {
  const { isInputText, inputBytes } = call.start;
  estimator.learn(target.providerModel, { input: isInputText ? inputBytes : 0, output: contentBytes }, reported);
}

/** What was reserved covers what can have been used, so the estimate is never above it; what is no text is settled at it. */
function estimate(estimator: UsageEstimator, { target, call, contentBytes, isBounded }: AttemptAccount): TokenUsage {
  const { start, outputTokens: bound } = call;
  const usage = estimator.estimate(target.providerModel, { input: start.inputBytes, output: contentBytes });
  const input = start.isInputText ? Math.min(usage.input, start.inputTokens) : start.inputTokens;
  if (!start.isOutputText) return { ...usage, input, output: bound };
  return { ...usage, input, output: isBounded ? Math.min(usage.output, bound) : usage.output };
}

/** A report from the midst of an answer: Anthropic counts the input at the beginning, some count with every chunk. */
function withUnreported(
  estimator: UsageEstimator,
  { target, call, contentBytes, bytesAtReport, isBounded }: AttemptAccount,
  reported: TokenUsage,
): TokenUsage {
  const since = estimator.outputTokens(target.providerModel, contentBytes - bytesAtReport);
  const most = isBounded ? Math.max(0, call.outputTokens - outputTokens(reported)) : since;
  const more = Math.min(since, most);
  return more === 0 ? reported : { ...reported, output: reported.output + more };
}
