// The record of a call that has ended: of its account, or of the reserve line of one that was lost with its gateway.
import {
  NO_USAGE,
  type LedgerAttempt,
  type LedgerCost,
  type LedgerRecord,
  type ReserveLine,
  type TokenUsage,
} from "@flyball/core";
import type { AttemptAccount, CallAccount, CallEnd } from "./call-account.ts";

/** Of a call whose attempts have all ended. */
export function buildRecord(
  { id, start, attempts }: CallAccount,
  end: CallEnd,
  facts: { readonly app: string; readonly cost: LedgerCost; readonly endedAt: number },
): LedgerRecord {
  const { party } = start;
  const answered = answeringAttempt(attempts);
  const isEstimated = attempts.some((attempt) => attempt.isEstimated);
  return {
    id,
    requestId: start.requestId,
    time: start.time,
    app: facts.app,
    key: party.key,
    tenant: party.tenant,
    route: party.route,
    model: party.model,
    backend: answered?.target.backend ?? "",
    provider: answered?.target.provider ?? "",
    providerModel: answered?.target.providerModel ?? "",
    attempts: attempts.map(attemptRecord),
    usage: attempts.length === 1 ? (attempts[0] as AttemptAccount).usage : sumUsage(attempts),
    isEstimated,
    estimateReason: isEstimated ? "not-reported" : undefined,
    cost: facts.cost,
    status: end.status,
    outcome: end.outcome,
    ttftMs: end.ttftMs,
    durationMs: facts.endedAt - start.time,
    isResumed: end.isResumed,
    isHedged: end.isHedged,
    isCached: end.isCached,
  };
}

/** Of a call whose end nobody saw: it used what it had reserved, as far as anybody can say. */
export function buildLostRecord(line: ReserveLine): LedgerRecord {
  const { id, requestId, at, subjects, inputTokens, outputTokens, cost } = line;
  return {
    id,
    requestId,
    time: at,
    ...subjects,
    attempts: [],
    usage: { ...NO_USAGE, input: inputTokens, output: outputTokens },
    isEstimated: true,
    estimateReason: "lost",
    cost,
    status: 0,
    outcome: "lost",
    ttftMs: undefined,
    durationMs: 0,
    isResumed: false,
    isHedged: false,
    isCached: false,
  };
}

/** The attempt that a record names: the one that answered, else the last. */
export function answeringAttempt(attempts: readonly AttemptAccount[]): AttemptAccount | undefined {
  for (const attempt of attempts) if (attempt.outcome === "succeeded") return attempt;
  return attempts.at(-1);
}

function attemptRecord({ target, startedAt, endedAt, outcome, usage, isEstimated }: AttemptAccount): LedgerAttempt {
  const { backend, provider, providerModel, price } = target;
  return {
    backend,
    provider,
    model: providerModel,
    outcome: outcome ?? "cancelled",
    usage,
    isEstimated,
    priceId: typeof price === "string" ? undefined : price.id,
    startedAt,
    durationMs: endedAt - startedAt,
  };
}

function sumUsage(attempts: readonly AttemptAccount[]): TokenUsage {
  const sum: Record<keyof TokenUsage, number> = { ...NO_USAGE };
  for (const { usage } of attempts) {
    for (const part of Object.keys(NO_USAGE) as (keyof TokenUsage)[]) sum[part] += usage[part];
  }
  return sum;
}
