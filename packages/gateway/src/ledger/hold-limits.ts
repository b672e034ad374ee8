// Takes the shares of a call out of its limits, raises them while it runs, and puts what was used in their place.
import type { AskedLease } from "../limits/lease/take-lease.ts";
import type { Demand, LimitTable } from "../limits/limit-table.ts";
import type { CallAccount, OpenOutcome } from "./call-account.ts";
import type { AccountLimit } from "./call-party.ts";
import type { CallTarget } from "./call-target.ts";
import { amountOf, amountsNeeded, amountsOfAttempt, type Amounts } from "./limit-amounts.ts";

/** What became of a reservation. */
export type Taken =
  | { readonly kind: "taken"; readonly reservation: number; readonly amounts: number[] }
  | Extract<OpenOutcome, { kind: "refused" }>
  | { readonly kind: "full" };

/** Nothing is reserved; the empty row of amounts is never written to. */
export const UNLIMITED: Taken = { kind: "taken", reservation: -1, amounts: [] };

/** Reserves all of the limits, or none. */
export function takeShares(table: LimitTable, limits: readonly AccountLimit[], wanted: Amounts, now: number): Taken {
  if (limits.length === 0) return UNLIMITED;
  const amounts = limits.map(({ unit }) => amountOf(unit, wanted));
  const demands = limits.map(({ counter }, index): Demand => ({ counter, amount: amounts[index] as number }));
  const outcome = table.reserve(demands, now);
  switch (outcome.kind) {
    case "reserved":
      return { kind: "taken", reservation: outcome.reservation, amounts };
    case "refused":
    case "short": {
      const { demand, retryAfterMs } = outcome;
      return {
        kind: "refused",
        limit: limits[demand] as AccountLimit,
        amount: amounts[demand] as number,
        retryAfterMs,
        asked: outcome.kind === "short" ? outcome.asked : [],
        isStoreAway: outcome.kind === "refused" && outcome.isStoreAway,
      };
    }
    case "full":
      return outcome;
    default:
      return outcome satisfies never;
  }
}

/** A limit that does not cover a call any more. */
export interface Uncovered {
  readonly limit: AccountLimit;
  /** It is not known to be spent: its lease is short, and the store, which was asked, has not answered. */
  readonly asked: AskedLease | undefined;
}

/** Raises what is reserved to what the call may now come to. The limit that does not let it, when there is one. */
export function coverCall(
  table: LimitTable,
  account: CallAccount,
  next: CallTarget | undefined,
  now: number,
): Uncovered | undefined {
  const { start, reservation, reserved } = account;
  const whole = { limits: start.party.limits, reservation, amounts: reserved };
  const unfit = raise(table, whole, amountsNeeded(account, next), now);
  if (unfit) return unfit;
  for (const attempt of account.attempts) {
    if (attempt.outcome !== undefined) continue;
    const bound = amountsOfAttempt(account, attempt, attempt.target.price);
    const { amounts, target } = attempt;
    const refusing = raise(table, { limits: target.limits, reservation: attempt.reservation, amounts }, bound, now);
    if (refusing) return refusing;
  }
  return undefined;
}

function raise(
  table: LimitTable,
  held: { readonly limits: readonly AccountLimit[]; readonly reservation: number; readonly amounts: number[] },
  needed: Amounts,
  now: number,
): Uncovered | undefined {
  const { limits, reservation, amounts } = held;
  if (reservation < 0) return undefined;
  for (const [index, limit] of limits.entries()) {
    const more = amountOf(limit.unit, needed) - (amounts[index] as number);
    if (more <= 0) continue;
    const outcome = table.extend(reservation, index, more, now);
    if (outcome.kind !== "extended") return { limit, asked: outcome.kind === "short" ? outcome.asked : undefined };
    amounts[index] = (amounts[index] as number) + more;
  }
  return undefined;
}

/**
 * Puts what was used in the place of what was reserved. Where tokens without a known price were used, what was reserved in money for them
 * is the nearest to their cost that is known, and stays.
 */
export function setAmounts(amounts: number[], limits: readonly AccountLimit[], used: Amounts): void {
  for (let index = 0; index < limits.length; index += 1) {
    const { counter, unit } = limits[index] as AccountLimit;
    if (counter.kind === "budget" && used.isUnknown) continue;
    amounts[index] = amountOf(unit, used);
  }
}
