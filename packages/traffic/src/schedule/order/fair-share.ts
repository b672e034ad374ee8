// Whether a tenant asks for more than its fair share. The share is max-min fair: what some do not use is divided among the others, so the
// question is whether the tenant's offered work is below the water level at which all offers, cut there, fill the capacity.
import { addDecayed, readDecayed, type DecayedSum } from "./decayed-sum.ts";
import type { TenantQueue } from "./tenant-queue.ts";

/** The fair share in one class; changed in place. */
export interface FairShare {
  /** Work granted while somebody waited, and the time in which it was, both fading: their quotient is the capacity. */
  readonly granted: DecayedSum;
  readonly busy: DecayedSum;
  /** The last grant or the first arrival since nobody waited. */
  busyFrom: number;
  /** When anybody came first. */
  since: number;
  /** The capacity when it was last seen, ms of work a ms; NaN: it never was. */
  lastCapacity: number;
  /** Work in the memory, per weight, up to which an offer is fair; Infinity: all fits, or the capacity is not known. */
  levelMs: number;
  levelAt: number;
}

/** Offers are those of about this time. */
const MEMORY_MS = 60_000;
/** The capacity is that of about this time: it changes with what is asked for. */
const PACE_MS = 10_000;
/** So much of the capacity's time may be asked for ahead: a short burst is no abuse. */
const BURST_MS = 5_000;
/** The level is looked at anew after this time. */
const LEVEL_AGE_MS = 1_000;
/** While somebody waits for a smaller part of the time than this, the pool is not full: its capacity is not seen, and every share is fair. */
const LEAST_BUSY_SHARE = 0.3;
const LEAST_BUSY_MS = 500;
const MOST_ROUNDS = 8;

/** A class of which nothing is known. */
export function createFairShare(): FairShare {
  return {
    granted: { value: 0, at: 0 },
    busy: { value: 0, at: 0 },
    busyFrom: 0,
    since: Number.NaN,
    lastCapacity: Number.NaN,
    levelMs: Number.POSITIVE_INFINITY,
    levelAt: Number.NEGATIVE_INFINITY,
  };
}

/** A tenant brought work. */
export function addOffer(share: FairShare, tenant: TenantQueue, workMs: number, now: number): void {
  if (Number.isNaN(share.since)) share.since = now;
  addDecayed(tenant.offered, workMs, now, MEMORY_MS);
}

/** Work was granted while somebody had been waiting since `busyFrom`. */
export function addServed(share: FairShare, workMs: number, now: number): void {
  if (Number.isNaN(share.since)) share.since = now;
  addDecayed(share.granted, workMs, now, PACE_MS);
  addDecayed(share.busy, Math.max(0, now - share.busyFrom), now, PACE_MS);
  share.busyFrom = now;
  const capacity = capacityOf(share, now);
  if (!Number.isNaN(capacity)) share.lastCapacity = capacity;
}

/** Work that the class gets done in a millisecond while somebody waits, ms; NaN: not known yet. */
export function capacityOf(share: FairShare, now: number): number {
  const busyMs = readDecayed(share.busy, now, PACE_MS);
  const least = Math.max(LEAST_BUSY_MS, LEAST_BUSY_SHARE * timeIn(share, PACE_MS, now));
  return busyMs < least ? Number.NaN : readDecayed(share.granted, now, PACE_MS) / busyMs;
}

/** Whether the level has to be looked at anew. */
export function isLevelOld(share: FairShare, now: number): boolean {
  return now - share.levelAt >= LEVEL_AGE_MS;
}

/** Looks at it. O(tenants). */
export function refreshLevel(share: FairShare, tenants: readonly TenantQueue[], now: number): void {
  share.levelAt = now;
  const capacity = capacityOf(share, now);
  const offers = tenants.map((tenant) => offerOf(tenant, now));
  const weights = tenants.map(({ weight }) => weight);
  const budget = capacity * (timeIn(share, MEMORY_MS, now) + BURST_MS);
  share.levelMs = Number.isNaN(budget) ? Number.POSITIVE_INFINITY : waterLevel(offers, weights, budget);
}

/** The time that a sum with this memory is over: all of the memory, or less at first. */
function timeIn(share: FairShare, memoryMs: number, now: number): number {
  return memoryMs * (1 - Math.exp((share.since - now) / memoryMs));
}

/** Work that the tenant brought in the time of the memory, ms. */
export function offerOf(tenant: TenantQueue, now: number): number {
  return readDecayed(tenant.offered, now, MEMORY_MS);
}

/** Whether the tenant offers no more than its share, as far as is known. */
export function isWithinShare(share: FairShare, tenant: TenantQueue, now: number): boolean {
  return offerOf(tenant, now) <= share.levelMs * tenant.weight;
}

/** The level L with Σ min(offerᵢ, L·weightᵢ) = budget; Infinity when all offers fit. It rises to it in a few rounds. */
export function waterLevel(offers: readonly number[], weights: readonly number[], budget: number): number {
  let level = 0;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let below = 0;
    let weightAbove = 0;
    for (let index = 0; index < offers.length; index += 1) {
      const offer = offers[index] as number;
      const weight = weights[index] as number;
      if (offer <= level * weight) below += offer;
      else weightAbove += weight;
    }
    if (weightAbove === 0) return Number.POSITIVE_INFINITY;
    const next = (budget - below) / weightAbove;
    if (next <= level) return level;
    level = next;
  }
  return level;
}
