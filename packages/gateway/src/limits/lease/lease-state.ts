// What the keeper of leases is made of and what it knows, for the functions that it is made of.
import type { Clock } from "@flyball/core";
import type { RoundTrips } from "@flyball/traffic";
import type { Logger } from "@flyball/telemetry";
import type { LimitMemory } from "../limit-layout.ts";
import type { LimitRegistry } from "../limit-registry.ts";
import type { LeaseAccounts } from "./lease-accounts.ts";
import type { KnownSpent, ReportItem } from "./lease-reports.ts";
import type { ConnectLeaseStore, LeaseConnection } from "./lease-store.ts";

/** The first pause before another try to connect. */
export const RECONNECT_MS = 250;

/** away: each limit goes on as its policy says. settling: the store is there and lends nothing yet. */
export type LeasePhase = "opening" | "away" | "settling" | "joined";

/** What it is made of. */
export interface LeaseKeeperOptions {
  readonly memory: LimitMemory;
  /** The main thread's index for the lock. */
  readonly holder: number;
  readonly registry: LimitRegistry;
  readonly connect: ConnectLeaseStore;
  /** Whose journals this gateway has: the same after a restart. */
  readonly origin: string;
  readonly newId: () => string;
  readonly knownSpent: KnownSpent;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something may fit now: calls that wait try again. */
  readonly wake: () => void;
}

/** All that a keeper of leases knows; changed in place by its functions. Times are monotonic milliseconds. */
export interface LeaseState extends LeaseKeeperOptions {
  readonly accounts: LeaseAccounts;
  phase: LeasePhase;
  gateway: string;
  epoch: string;
  sequence: number;
  gateways: number;
  connection: LeaseConnection | undefined;
  isConnecting: boolean;
  /** A beat is under way. */
  isBeating: boolean;
  /** The store does not know this gateway: nothing is reported until a beat is answered. */
  isRejoining: boolean;
  /** Reports that are under way, at most `MAX_UNDER_WAY`; each limit is in one of them at most. */
  readonly underWay: Set<readonly ReportItem[]>;
  /** Of answers to beats and reports. */
  readonly roundTrips: RoundTrips;
  connectAt: number;
  reconnectMs: number;
  beatAt: number;
  /** When the last beat that was answered was sent. */
  aliveAt: number;
  phaseAt: number;
  pausedUntil: number;
  isStopped: boolean;
  readonly opened: PromiseWithResolvers<void>;
}

/** Whether limits go on as their policies say. */
export function isAway({ phase }: LeaseState): boolean {
  return phase === "away" || phase === "settling";
}
