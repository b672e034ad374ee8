// The accounts of all limits of a snapshot, and what is done to all of them at once: a new snapshot, the loss of the store, its return.
import type { LimitRegistry } from "../limit-registry.ts";
import {
  adjust,
  closeLeaseAccount,
  isQuiet,
  openLeaseAccount,
  rest,
  type AccountMemory,
  type LeaseAccount,
} from "./lease-account.ts";
import { onUnanswered } from "./describe-lease.ts";
import { lookAt } from "./lease-use.ts";
import { comeBack, goAway, keepDry, startAnew, tellAgain } from "./lease-loss.ts";

/** All accounts. As many as the limits of the snapshot, which are bounded. */
export interface LeaseAccounts extends AccountMemory {
  readonly byId: Map<string, LeaseAccount>;
}

/** What clients of a refused limit are told to wait, anew with every tick. */
const AWAY_RETRY_MS = 1_000;

/** Opens and closes accounts as the registry has limits; `awayWith`: the store is away, and so many gateways were seen last. */
export function followLimits(
  accounts: LeaseAccounts,
  { limits }: Pick<LimitRegistry, "limits">,
  { now, awayWith }: { readonly now: number; readonly awayWith: number | undefined },
): void {
  const { byId } = accounts;
  const wanted = new Map(limits.map((limit) => [`${limit.id}#${limit.counter.generation}`, limit]));
  for (const [id, account] of byId) {
    if (wanted.has(id)) continue;
    closeLeaseAccount(accounts, account);
    byId.delete(id);
  }
  for (const [id, limit] of wanted) {
    const known = byId.get(id);
    if (known) {
      known.limit = limit;
      // Compiling has set the whole limit.
      if (known.isAway) comeBack(accounts, known);
    } else byId.set(id, openLeaseAccount(accounts, limit, now));
    const account = byId.get(id);
    if (account && awayWith !== undefined) goAway(accounts, account, awayWith);
  }
}

/** The store is lost: from now on each limit goes on as its policy says. */
export function loseAll(accounts: LeaseAccounts, now: number, gateways: number): void {
  for (const account of accounts.byId.values()) {
    onUnanswered(account);
    if (account.isAway) continue;
    lookAt(accounts, account, now);
    goAway(accounts, account, gateways);
  }
}

/** What is used while the store is away is noted with its time; refused limits stay refused. */
export function keepAllAway(accounts: LeaseAccounts, now: number, wall: number): void {
  for (const account of accounts.byId.values()) {
    if (account.limit.onStoreLoss === "refuse") {
      keepDry(accounts, account, wall + AWAY_RETRY_MS);
      adjust(accounts, account, Number.NEGATIVE_INFINITY);
    }
    if (isQuiet(accounts, account)) continue;
    lookAt(accounts, account, now);
    rest(accounts, account);
  }
}

/** The store is there: nothing is at hand until it lends. */
export function joinAll(accounts: LeaseAccounts, now: number): void {
  for (const account of accounts.byId.values()) {
    lookAt(accounts, account, now);
    if (account.isAway) comeBack(accounts, account);
  }
}

/** The store has counted what was held here as used. */
export function forfeitAll(accounts: LeaseAccounts): void {
  for (const account of accounts.byId.values()) {
    adjust(accounts, account, Number.NEGATIVE_INFINITY);
    account.reportedHeld = 0;
  }
}

/** The store has a new memory: everything that still counts is told again. */
export function tellAllAgain(
  accounts: LeaseAccounts,
  registry: Pick<LimitRegistry, "dumpRates">,
  times: { readonly now: number; readonly wall: number },
): void {
  const steps = new Map(registry.dumpRates(times.wall).rates);
  for (const account of accounts.byId.values()) {
    tellAgain(accounts, account, steps.get(account.limit.id) ?? [], times);
  }
}

/** The store knows this gateway under another name from now on. */
export function startAllAnew(accounts: LeaseAccounts): void {
  for (const account of accounts.byId.values()) startAnew(account);
}

/** Every limit is this gateway's own again. */
export function closeAll(accounts: LeaseAccounts): void {
  for (const account of accounts.byId.values()) closeLeaseAccount(accounts, account);
}
