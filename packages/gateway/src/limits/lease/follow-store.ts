// Starts and ends the keeper of leases as snapshots name a store, another one, or none.
import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Clock, KnownSpending, LimitStoreSpec, Snapshot } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { RoundTrips } from "@flyball/traffic";
import type { LimitMemory } from "../limit-layout.ts";
import type { LimitRegistry } from "../limit-registry.ts";
import type { LeaseAccount } from "./lease-account.ts";
import { createLeaseKeeper, type LeaseKeeper } from "./lease-keeper.ts";
import { redisLeaseStore } from "./redis-lease-store.ts";

/** What it is made of. */
export interface LeasesOptions {
  readonly memory: LimitMemory;
  readonly registry: LimitRegistry;
  readonly workers: number;
  readonly journalFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly wake: () => void;
}

/** Leases, if there is a store. */
export interface Leases {
  /** After the limits of a snapshot were compiled. */
  follow(snapshot: Snapshot, secrets: Readonly<Record<string, string>>): void;
  onLow(): void;
  /** How long the store took to answer of late; undefined without one. */
  roundTrips(): RoundTrips | undefined;
  /** Resolves when a store that was named first is joined or lost; 2.5 s at most. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates it without a store. */
export function createLeases(options: LeasesOptions): Leases {
  const { memory, registry, workers, clock, logger, wake } = options;
  const origin = createHash("sha256").update(`${hostname()} ${options.journalFolder}`).digest("hex").slice(0, 16);
  let spec: LimitStoreSpec | undefined;
  let keeper: LeaseKeeper | undefined;
  let known: ReadonlyMap<string, KnownSpending> = new Map();
  const start = (store: LimitStoreSpec, app: string, secrets: Readonly<Record<string, string>>): LeaseKeeper => {
    const password = store.passwordSecret === undefined ? undefined : secrets[store.passwordSecret];
    return createLeaseKeeper({
      memory,
      holder: workers,
      registry,
      connect: redisLeaseStore({ url: store.url, password, app }),
      origin,
      newId: () => randomBytes(8).toString("hex"),
      knownSpent: ({ limit, periodStart }: LeaseAccount) => {
        const spending = known.get(limit.id);
        return spending?.periodStart === periodStart ? spending.spent : 0;
      },
      clock,
      logger,
      wake,
    });
  };
  return {
    follow(snapshot, secrets) {
      known = new Map((snapshot.spent ?? []).map((spending) => [spending.limitId, spending]));
      const { limitStore } = snapshot;
      const isSame = spec?.url === limitStore?.url && spec?.passwordSecret === limitStore?.passwordSecret;
      if (!isSame) {
        keeper?.abandon();
        keeper = limitStore && start(limitStore, snapshot.app, secrets);
        spec = limitStore;
      }
      keeper?.follow();
    },
    onLow: () => keeper?.onLow(),
    roundTrips: () => keeper?.roundTrips,
    ready: () => keeper?.ready ?? Promise.resolve(),
    stop: () => keeper?.stop() ?? Promise.resolve(),
  };
}
