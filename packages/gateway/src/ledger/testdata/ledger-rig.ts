// A ledger with real limits and a disk in memory.
import { contentHash, SNAPSHOT_FORMAT, type LedgerRecord, type LimitPolicy, type Snapshot, type TokenUsage } from "@flyball/core";
import { createFakeClock, type FakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { NO_USAGE } from "@flyball/core";
import { readBudget, readRate, type PriceEntry } from "@flyball/traffic";
import { counterAt, limitMemoryBytes, wrapLimitMemory, type LimitMemory } from "../../limits/limit-layout.ts";
import { createLimitRegistry, type LimitRegistry } from "../../limits/limit-registry.ts";
import { openLimitTable, type LimitTable } from "../../limits/limit-table.ts";
import type { CallAccount, CallEnd, CallStart, AttemptAccount } from "../call-account.ts";
import { createCallIds } from "../call-ids.ts";
import { createCallParty, type AccountLimit } from "../call-party.ts";
import { createCallTarget, type TargetFacts } from "../call-target.ts";
import { createCallLedger, type CallLedger } from "../call-ledger.ts";
import { createUsageEstimator, type UsageEstimator } from "../estimate-usage.ts";
import { createJournal, type Journal } from "../journal.ts";
import { createMemoryDisk, type MemoryDisk } from "./memory-disk.ts";

/** One dollar for a million tokens in, two for a million out: a micro-dollar and two a token. */
export const PRICE: PriceEntry = {
  id: "test/model@2026-01-01",
  provider: "test",
  model: "model",
  currency: "usd",
  validFrom: 0,
  rates: {
    input: 1_000_000,
    cacheRead: 100_000,
    cacheWrite5m: 1_000_000,
    cacheWrite1h: 1_000_000,
    imageInput: 1_000_000,
    output: 2_000_000,
    reasoning: 2_000_000,
  },
  longPrompt: [],
};

/** A whole answer. */
export const ANSWERED: CallEnd = {
  outcome: "answered",
  status: 200,
  ttftMs: 20,
  isResumed: false,
  isHedged: false,
  isCached: false,
};

/** A usage of plain input and output. */
export function used(input: number, output: number): TokenUsage {
  return { ...NO_USAGE, input, output };
}

/** What a test says of a call. */
export type CallFacts = Partial<Omit<CallStart, "party">> & { readonly limits?: readonly AccountLimit[] };

/** The rig. */
export interface LedgerRig {
  readonly clock: FakeClock;
  readonly disk: MemoryDisk;
  readonly journal: Journal;
  readonly memory: LimitMemory;
  readonly registry: LimitRegistry;
  readonly table: LimitTable;
  readonly estimator: UsageEstimator;
  readonly ledger: CallLedger;
  readonly records: LedgerRecord[];
  /** Limits of the subjects given, in that order. */
  limits(...subjects: readonly string[]): readonly AccountLimit[];
  /** What stands in the counter of a limit. */
  standing(limitId: string): number;
  call(more?: CallFacts): CallStart;
  /** Opens it or throws. */
  open(more?: CallFacts): CallAccount;
  /** Starts it or throws. */
  attempt(account: CallAccount, more?: Partial<TargetFacts>): AttemptAccount;
}

/** Policies by subject (`key:k`, `backend:b`) of a rig. */
export type Policies = Readonly<Record<string, Partial<LimitPolicy>>>;

/** Makes it with the given policies. */
export function createLedgerRig(policies: Policies, options: { isDiskOpen?: boolean; writer?: string; clock?: FakeClock } = {}): LedgerRig {
  const clock = options.clock ?? createFakeClock();
  const disk = createMemoryDisk(options.isDiskOpen ?? true);
  const memory = wrapLimitMemory(new SharedArrayBuffer(limitMemoryBytes(1)));
  const registry = createLimitRegistry(memory, 1);
  const compiled = registry.compile(snapshotOf(policies), clock.now()) ?? {};
  const byId = new Map<string, AccountLimit>();
  const bySubject = new Map<string, readonly AccountLimit[]>();
  for (const [subject, list] of Object.entries(compiled)) {
    bySubject.set(subject, list);
    for (const limit of list) byId.set(limit.id, limit);
  }
  const logger = createLogger({ clock, level: "error", write: () => undefined });
  const identity = { pid: 7, startTicks: 1, bootId: "boot" };
  const journal = createJournal({ disk, writer: options.writer ?? "w", worker: 0, identity, clock, logger });
  const table = openLimitTable(memory, 0);
  const estimator = createUsageEstimator();
  const records: LedgerRecord[] = [];
  const kept = createCallLedger({ app: "shop", table, memory, journal, estimator, ids: createCallIds(), clock });
  const ledger: CallLedger = {
    ...kept,
    settle(account, end) {
      const record = kept.settle(account, end);
      if (record) records.push(record);
      return record;
    },
  };
  let number = 0;
  const rig: LedgerRig = {
    clock,
    disk,
    journal,
    memory,
    registry,
    table,
    estimator,
    ledger,
    records,
    limits: (...subjects) => subjects.flatMap((subject) => bySubject.get(subject) ?? []),
    standing(limitId) {
      const counter = byId.get(limitId)?.counter;
      if (!counter) throw new Error(`no limit ${limitId}`);
      const place = { cells: memory.cells, at: counterAt(counter.index) + 1 };
      if (counter.kind === "budget") return readBudget(place).spent + readBudget(place).reserved;
      return counter.kind === "rate" ? readRate(place, clock.now()).used : (place.cells[place.at + 1] ?? 0);
    },
    call: ({ limits = rig.limits("key:k"), ...more } = {}) => ({
      requestId: `r${(number += 1)}`,
      time: clock.now(),
      party: createCallParty({ key: "k", tenant: "acme", route: "models", model: "chat", limits }),
      inputBytes: 400,
      isInputText: true,
      isOutputText: true,
      inputTokens: 100,
      outputTokens: 1_000,
      prices: [PRICE],
      ...more,
    }),
    open(more) {
      const outcome = ledger.open(rig.call(more));
      if (outcome.kind !== "opened") throw new Error(outcome.kind);
      return outcome.account;
    },
    attempt(account, more = {}) {
      const target = { backend: "chat/0", provider: "test", providerModel: "model", price: PRICE, limits: [], ...more };
      const outcome = ledger.startAttempt(account, createCallTarget(target));
      if (outcome.kind !== "started") throw new Error(outcome.kind);
      return outcome.attempt;
    },
  };
  return rig;
}

function snapshotOf(policies: Policies): Snapshot {
  const full = (policy: Partial<LimitPolicy>): LimitPolicy => ({
    rates: [],
    budgets: [],
    ratesOnStoreLoss: "local-share",
    budgetsOnStoreLoss: "refuse",
    ...policy,
  });
  const named = (kind: string) =>
    Object.entries(policies).flatMap(([subject, policy]) =>
      subject.startsWith(`${kind}:`) ? [{ id: subject.slice(kind.length + 1), limits: full(policy) }] : [],
    );
  const timeouts = { connectMs: 1, firstByteMs: 1, gapMs: 1, totalMs: 0 };
  const snapshot = {
    format: SNAPSHOT_FORMAT,
    version: 1,
    app: "shop",
    revision: 1,
    listeners: [],
    routes: [],
    pools: [],
    models: [
      {
        name: "chat",
        timeouts,
        backends: named("backend").map(({ id, limits }) => ({ kind: "pool" as const, id, pool: "p", model: "m", limits })),
      },
    ],
    keys: named("key").map(({ id, limits }) => ({ id, hmac: "", service: "", models: [], limits })),
    tenants: named("tenant"),
  } as const;
  return { ...snapshot, hash: contentHash(snapshot) };
}
