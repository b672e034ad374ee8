// What the gateway asks of a store that several gateways share. The Redis one is in `redis-lease-store.ts`.
import type { CounterLease, LeaseGrant } from "@flyball/traffic";

/** After so long without a beat the store takes a gateway for dead, and what it held for used. */
export const LEASE_TTL_MS = 10_000;
/** A gateway uses its leases only half as long after its last beat was sent, so that clocks may run at quite different speeds. */
export const LEASE_USE_MS = LEASE_TTL_MS / 2;
/** After the store lost its memory it lends nothing for so long: every gateway says first what it has used. */
export const SETTLE_MS = 1_500;

/** A sign of life. */
export interface Beat {
  readonly gateway: string;
  /** Rises with every beat and report of a gateway; an older one that comes late does nothing. */
  readonly sequence: number;
  /** Which memory of the store this gateway knows; `""` before the first. */
  readonly epoch: string;
  /** The name of a new memory, should the store have none. */
  readonly newEpoch: string;
}

/** Its answer. */
export interface BeatAnswer {
  readonly epoch: string;
  /** Gateways that live, this one with them. */
  readonly gateways: number;
  /** Milliseconds for which nothing is lent. */
  readonly settlingMs: number;
  /** Its leases had not ended. */
  readonly wasAlive: boolean;
}

/** One limit in a report. */
export interface ReportedLimit {
  /** The same at every gateway. */
  readonly name: string;
  /** The store may forget it after so long without a report. */
  readonly forgetAfterMs: number;
  readonly lease: CounterLease;
}

/** What a gateway used, holds and wants. */
export interface Report {
  readonly gateway: string;
  readonly sequence: number;
  readonly epoch: string;
  /** At most `MAX_REPORTED`. */
  readonly limits: readonly ReportedLimit[];
}

/** Limits in one report: the store answers nobody else meanwhile. */
export const MAX_REPORTED = 64;

/** Answers in the order of the report; rejoin: the store does not know this gateway (any more), and nothing was written down. */
export type ReportAnswer =
  | { readonly kind: "granted"; readonly grants: readonly LeaseGrant[] }
  | { readonly kind: "rejoin" };

/** One connection to the store; every call rejects when it is lost. */
export interface LeaseConnection {
  beat(beat: Beat): Promise<BeatAnswer>;
  report(report: Report): Promise<ReportAnswer>;
  /** Asks other gateways to give back what they do not need of these limits. */
  recall(gateway: string, names: readonly string[]): Promise<void>;
  /** This gateway has ended and holds nothing. */
  leave(gateway: string): Promise<void>;
  /** Ends it at once. Idempotent. */
  destroy(): void;
}

/** What is heard on a connection without asking. */
export interface LeaseListener {
  readonly onRecall: (names: readonly string[]) => void;
  readonly onLost: () => void;
}

/** Opens a connection; rejects when the store cannot be reached. */
export type ConnectLeaseStore = (listener: LeaseListener) => Promise<LeaseConnection>;
