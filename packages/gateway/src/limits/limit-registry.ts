// Which counter belongs to which limit of which subject. The main thread alone assigns; counters keep what they counted over snapshots
// as long as their subject has the limit, and are given away only when no snapshot names it any more.
import type { BudgetLimit, KnownSpending, LimitPolicy, OnStoreLoss, RateLimit, Snapshot } from "@flyball/core";
import {
  addToRate,
  calendarPeriod,
  localShare,
  rateSteps,
  readBudget,
  restoreBudget,
  setBudget,
  setRate,
} from "@flyball/traffic";
import type { RatesDump, RateSteps } from "../ledger/rates-file.ts";
import {
  counterAt,
  leaseAt,
  MAX_COUNTERS,
  type CounterKind,
  type CounterRef,
  type LimitMemory,
} from "./limit-layout.ts";
import { AT_HAND } from "./lease/lease-cells.ts";
import { openLock, takeLock } from "./limit-lock.ts";

/** What a demand is measured in. */
export type LimitUnit = "requests" | "tokens" | "concurrency" | "usd" | "cny";

/** One limit as workers use it. */
export interface CompiledLimit {
  /** Under which journals and stores know it. */
  readonly id: string;
  readonly counter: CounterRef;
  readonly unit: LimitUnit;
  /** `key:k_1`, `tenant:acme`, `model:chat`, `backend:chat/0`. */
  readonly subject: string;
  /** As the error names it: `100 requests per minute`. */
  readonly text: string;
  readonly limit: number;
}

/** Limits by subject; a subject without limits is not in it. */
export type CompiledLimits = Readonly<Record<string, readonly CompiledLimit[]>>;

/** What the main thread knows of a limit beside. */
export interface RegisteredLimit extends Pick<CompiledLimit, "id" | "counter" | "limit"> {
  /** 0 unless it is a rate. */
  readonly windowMs: number;
  readonly onStoreLoss: OnStoreLoss;
}

/** The registry. */
export interface LimitRegistry {
  /** Limits of a snapshot; undefined when there are more than `MAX_COUNTERS`. Times are wall milliseconds. */
  compile(snapshot: Snapshot, now: number): CompiledLimits | undefined;
  /**
   * Rates and requests at once are divided by so many gateways from now on. Budgets are not: what the others spent is known from control,
   * which counts it for all.
   */
  divideBy(gateways: number): void;
  /** Begins budgets anew whose period has ended. Called each second. */
  turnPeriods(now: number): void;
  /** What was spent in the current period, by the id of the limit: what a journal or a store knows. */
  restoreSpent(limitId: string, spent: number): void;
  /** What control knows to be spent in the period that began then: never takes away, and says nothing of another period. */
  raiseSpent(known: KnownSpending): void;
  /** Counts in a rate what a journal knows, ascending in time. */
  restoreRate(limitId: string, steps: RateSteps): void;
  /** What counts in every rate now, read under the lock. */
  dumpRates(now: number): RatesDump;
  readonly kinds: ReadonlyMap<number, CounterKind>;
  /** Of the snapshot that was compiled last. */
  readonly limits: readonly RegisteredLimit[];
}

interface Entry {
  readonly counter: CounterRef;
  readonly period: BudgetLimit["per"] | undefined;
}

/** Creates an empty registry; `holder` is the main thread's index for the lock. */
export function createLimitRegistry(memory: LimitMemory, holder: number): LimitRegistry {
  const entries = new Map<string, Entry>();
  const kinds = new Map<number, CounterKind>();
  const free = Array.from({ length: MAX_COUNTERS }, (_, index) => MAX_COUNTERS - 1 - index);
  let timeZone = "UTC";
  let limits: readonly RegisteredLimit[] = [];
  let gateways = 1;

  const assign = (id: string, kind: CounterKind, period: BudgetLimit["per"] | undefined): CounterRef | undefined => {
    const known = entries.get(id);
    if (known) return known.counter;
    const index = free.pop();
    if (index === undefined) return undefined;
    const at = counterAt(index);
    const generation = (memory.cells[at] as number) + 1;
    memory.cells.fill(0, at, counterAt(index + 1));
    memory.cells[at] = generation;
    // Without a store everything that the limit allows is at hand.
    memory.cells[leaseAt(index) + AT_HAND] = Number.POSITIVE_INFINITY;
    const counter = { kind, index, generation };
    entries.set(id, { counter, period });
    kinds.set(index, kind);
    return counter;
  };
  const entryOf = (id: string): Entry => entries.get(id) as Entry;
  const retire = (kept: ReadonlySet<string>): void => {
    for (const [id, { counter }] of entries) {
      if (kept.has(id)) continue;
      const at = counterAt(counter.index);
      // From now on settlements of its last calls find another generation and leave it alone.
      memory.cells[at] = counter.generation + 1;
      entries.delete(id);
      kinds.delete(counter.index);
      free.push(counter.index);
    }
  };
  return {
    kinds,
    get limits() {
      return limits;
    },
    compile(snapshot, now) {
      timeZone = snapshot.timeZone ?? "UTC";
      const wanted = subjectsOf(snapshot).flatMap(([subject, policy]) => limitsOf(subject, policy));
      if (wanted.length > MAX_COUNTERS) return undefined;
      takeLock(memory, holder);
      retire(new Set(wanted.map(({ id }) => id)));
      const compiled: Record<string, CompiledLimit[]> = {};
      for (const { id, subject, kind, unit, text, limit, rate, budget } of wanted) {
        const counter = assign(id, kind, budget?.per) as CounterRef;
        const place = { cells: memory.cells, at: counterAt(counter.index) + 1 };
        if (rate) setRate(place, localShare(limit, gateways), rate.windowMs);
        else if (budget) setBudget(place, limit, calendarPeriod(budget.per, timeZone, now));
        else memory.cells[place.at] = localShare(limit, gateways);
        (compiled[subject] ??= []).push({ id, counter, unit, subject, text, limit });
      }
      openLock(memory);
      limits = wanted.map(({ id, limit, rate, onStoreLoss }) => {
        return { id, counter: entryOf(id).counter, limit, windowMs: rate?.windowMs ?? 0, onStoreLoss };
      });
      return compiled;
    },
    divideBy(count) {
      gateways = count;
      takeLock(memory, holder);
      for (const { counter, limit } of limits) {
        // A rate begins with its limit, as requests at once do.
        if (counter.kind !== "budget") memory.cells[counterAt(counter.index) + 1] = localShare(limit, gateways);
      }
      openLock(memory);
    },
    turnPeriods(now) {
      for (const { counter, period } of entries.values()) {
        if (period === undefined) continue;
        const place = { cells: memory.cells, at: counterAt(counter.index) + 1 };
        const { limit, periodEnd } = readBudget(place);
        if (now < periodEnd) continue;
        const next = calendarPeriod(period, timeZone, now);
        takeLock(memory, holder);
        setBudget(place, limit, next);
        openLock(memory);
      }
    },
    restoreRate(limitId, steps) {
      const entry = entries.get(limitId);
      if (entry?.counter.kind !== "rate") return;
      const place = { cells: memory.cells, at: counterAt(entry.counter.index) + 1 };
      takeLock(memory, holder);
      for (const [at, amount] of steps) addToRate(place, amount, at);
      openLock(memory);
    },
    dumpRates(now) {
      const rates: (readonly [string, RateSteps])[] = [];
      takeLock(memory, holder);
      for (const [id, { counter }] of entries) {
        if (counter.kind !== "rate") continue;
        const steps = rateSteps({ cells: memory.cells, at: counterAt(counter.index) + 1 }, now);
        if (steps.length > 0) rates.push([id, steps]);
      }
      openLock(memory);
      return { at: now, rates };
    },
    raiseSpent({ limitId, spent, periodStart }) {
      const entry = entries.get(limitId);
      if (entry?.counter.kind !== "budget") return;
      const place = { cells: memory.cells, at: counterAt(entry.counter.index) + 1 };
      takeLock(memory, holder);
      const now = readBudget(place);
      if (now.periodStart === periodStart && now.spent < spent) restoreBudget(place, spent);
      openLock(memory);
    },
    restoreSpent(limitId, spent) {
      const entry = entries.get(limitId);
      if (!entry) return;
      takeLock(memory, holder);
      restoreBudget({ cells: memory.cells, at: counterAt(entry.counter.index) + 1 }, spent);
      openLock(memory);
    },
  };
}

/** The id under which a budget's spending is restored. */
export function budgetLimitId(subject: string, { currency, per }: BudgetLimit): string {
  return `${subject} ${currency}/${per}`;
}

interface WantedLimit {
  readonly id: string;
  readonly subject: string;
  readonly kind: CounterKind;
  readonly unit: LimitUnit;
  readonly text: string;
  readonly limit: number;
  readonly onStoreLoss: OnStoreLoss;
  readonly rate?: RateLimit;
  readonly budget?: BudgetLimit;
}

function subjectsOf({ keys, tenants, models }: Snapshot): [subject: string, policy: LimitPolicy][] {
  const subjects: [string, LimitPolicy | undefined][] = [
    ...keys.map(({ id, limits }): [string, LimitPolicy | undefined] => [`key:${id}`, limits]),
    ...(tenants ?? []).map(({ id, limits }): [string, LimitPolicy] => [`tenant:${id}`, limits]),
    ...models.map(({ name, limits }): [string, LimitPolicy | undefined] => [`model:${name}`, limits]),
    ...models.flatMap(({ backends }) =>
      backends.map(({ id, limits }): [string, LimitPolicy | undefined] => [`backend:${id}`, limits]),
    ),
  ];
  return subjects.filter((subject): subject is [string, LimitPolicy] => subject[1] !== undefined);
}

function limitsOf(subject: string, policy: LimitPolicy): WantedLimit[] {
  const { rates, concurrency, budgets, ratesOnStoreLoss, budgetsOnStoreLoss } = policy;
  const limits: WantedLimit[] = rates.map((rate) => ({
    id: `${subject} ${rate.unit}/${rate.windowMs}`,
    subject,
    kind: "rate",
    unit: rate.unit,
    text: `${rate.limit} ${rate.unit} per ${windowText(rate.windowMs)}`,
    limit: rate.limit,
    onStoreLoss: ratesOnStoreLoss,
    rate,
  }));
  if (concurrency !== undefined) {
    const text = `${concurrency} requests at once`;
    limits.push({
      id: `${subject} concurrency`,
      subject,
      kind: "concurrency",
      unit: "concurrency",
      text,
      limit: concurrency,
      onStoreLoss: ratesOnStoreLoss,
    });
  }
  for (const budget of budgets) {
    limits.push({
      id: budgetLimitId(subject, budget),
      subject,
      kind: "budget",
      unit: budget.currency,
      text: `${budget.microUnits / 1e6} ${budget.currency.toUpperCase()} per ${budget.per}`,
      limit: budget.microUnits,
      onStoreLoss: budgetsOnStoreLoss,
      budget,
    });
  }
  return limits;
}

function windowText(windowMs: number): string {
  const named: Readonly<Record<number, string>> = {
    1_000: "second",
    60_000: "minute",
    3_600_000: "hour",
    86_400_000: "day",
  };
  return named[windowMs] ?? `${windowMs} ms`;
}
