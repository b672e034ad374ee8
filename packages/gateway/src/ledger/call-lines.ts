// The lines of a call in the journal, made of its account.
import type { LedgerRecord, QuotedRecord } from "@flyball/core";
import { readBudget } from "@flyball/traffic";
import { counterAt, type CounterRef, type LimitMemory } from "../limits/limit-layout.ts";
import { answeringAttempt } from "./build-record.ts";
import type { CallAccount } from "./call-account.ts";
import type { AccountLimit, CallParty } from "./call-party.ts";
import type { CallTarget } from "./call-target.ts";
import { reserveJson, settleJson, shareJson } from "./journal-json.ts";
import type { Journal } from "./journal.ts";
import { amountsNeeded } from "./limit-amounts.ts";

/** What lines are made with. */
export interface LineParts {
  readonly journal: Journal;
  readonly memory: LimitMemory;
  /** The app's name as JSON. */
  readonly appJson: string;
}

const NO_TARGET_JSON = '"","",""';

/** The JSON of a call's settle line. What it spent of budgets is added to the sums of the journal. */
export function settleLine(parts: LineParts, account: CallAccount, record: LedgerRecord, at: number): string {
  const shares = sharesOf(parts, account, true);
  return settleJson({ at, reservedAt: account.reservedAt, shares, record, quoted: quotedTexts(parts, account) });
}

/** The JSON of a call's reserve line, as it stands. */
export function reserveLine(parts: LineParts, account: CallAccount): string {
  const { id, start, reservedAt, attempts, requestJson } = account;
  const needed = amountsNeeded(account, undefined);
  return reserveJson({
    id,
    requestJson,
    at: reservedAt,
    subjects: `${parts.appJson},${start.party.json},${answeringAttempt(attempts)?.target.json ?? NO_TARGET_JSON}`,
    inputTokens: start.inputTokens * attempts.length,
    outputTokens: account.outputTokens * attempts.length,
    cost: needed,
    shares: sharesOf(parts, account, false),
  });
}

function quotedTexts({ appJson }: LineParts, { id, requestJson, start, attempts }: CallAccount): QuotedRecord {
  return {
    id: `"${id}"`,
    requestId: requestJson,
    app: appJson,
    party: start.party.json,
    target: answeringAttempt(attempts)?.target.json ?? NO_TARGET_JSON,
    attemptTargets: attempts.map(({ target }) => target.json),
    attemptPrices: attempts.map(({ target }) => target.priceJson),
  };
}

/** The shares of all limits of a call and its backends. `isSpent`: they are final, and budgets are added to the journal's sums. */
function sharesOf(parts: LineParts, account: CallAccount, isSpent: boolean): string {
  const { party } = account.start;
  let shares = addShares(parts, "", { limited: party, amounts: account.reserved }, isSpent);
  for (const { target, amounts } of account.attempts) {
    if (amounts.length > 0) shares = addShares(parts, shares, { limited: target, amounts }, isSpent);
  }
  return shares;
}

function addShares(
  { memory, journal }: LineParts,
  before: string,
  { limited, amounts }: { readonly limited: CallParty | CallTarget; readonly amounts: readonly number[] },
  isSpent: boolean,
): string {
  const { limits, limitIds } = limited;
  let text = before;
  for (let index = 0; index < limits.length; index += 1) {
    const { id, counter } = limits[index] as AccountLimit;
    if (counter.kind === "concurrency") continue;
    const amount = amounts[index] as number;
    const periodStart = counter.kind === "budget" ? periodStartOf(memory, counter) : undefined;
    if (isSpent && periodStart !== undefined) journal.spend(id, amount, periodStart);
    if (text !== "") text += ",";
    text += shareJson(limitIds[index] as string, amount, periodStart);
  }
  return text;
}

/** undefined: the counter belongs to another limit by now. */
function periodStartOf({ cells }: LimitMemory, { index, generation }: CounterRef): number | undefined {
  const at = counterAt(index);
  return cells[at] === generation ? readBudget({ cells, at: at + 1 }).periodStart : undefined;
}
