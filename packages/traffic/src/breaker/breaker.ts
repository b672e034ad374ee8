// The breaker of one endpoint. A refused connection ejects at once, because nothing listens there. Failures eject when the sequential
// evidence is enough and the endpoint is worse than its peers. After a pause one request probes it; what comes of that one request
// decides. Afterwards the endpoint gets its share back slowly.
//
// Other breakers got stuck, or let a flood through, because what came late was taken for news. Here each request carries the ticket
// that it got when it was sent. Each ejection, probe and return begins a new era with a new number, and a result counts only in the
// era of its ticket: a failure that was on its way when the endpoint returned does not eject it again, and only a probe ends a probe.
//
// Others may find a fault that no single request shows: that an endpoint is silent, or slow. They eject it by `ejectBreaker`; of a silent one with
// few requests they are not sure, and `suspectBreaker` has the next request find out.
import type { EjectReason, Random } from "@flyball/core";
import type { Permission } from "./endpoint-breaker.ts";
import { pauseLengthMs } from "./pause-length.ts";
import { compareWithPeers, type FailureShare, type PeerScene } from "./peer-comparison.ts";
import {
  addFailure,
  addResultsSince,
  addSuccess,
  beginAnew,
  createSequentialEvidence,
  knownSince,
  restEvidence,
  type SequentialEvidence,
} from "./sequential-evidence.ts";

/** First pause after a refused connection. */
export const REFUSED_PAUSE_MS = 250;
/** First pause after an ejection by evidence: its probe is a client's request, so it should have a chance. */
export const FAILING_PAUSE_MS = 1_000;
/** Longest pause: what has healed is back in use within this time. */
export const LONGEST_PAUSE_MS = 5_000;
/** After its return an endpoint gets its full share only after this time. */
export const SLOW_START_MS = 10_000;

/** Share of its weight that a returned endpoint begins with. */
const FIRST_WEIGHT = 0.1;
/** Share of the evidence that a returned endpoint begins with: it is out again sooner than one that never failed. */
const SUSPICION = 0.5;

/** What a failed request shows by itself. */
export type EjectionCause = Extract<EjectReason, "refused" | "failing">;

/** One breaker: a plain record, changed in place. Times are monotonic milliseconds. */
export interface Breaker {
  readonly evidence: SequentialEvidence;
  phase: "closed" | "ejected" | "probing";
  cause: EjectReason;
  /** Left alone until one request has found out whether it is ejected: if it answers, it goes on as if nothing had been. */
  isSuspected: boolean;
  /** Number of the era; the ticket of a request that is sent now. */
  era: number;
  /** The era in which it was ejected; tickets above it are probes. */
  ejectedEra: number;
  /** When it was ejected; −Infinity for one that never was. */
  ejectedAt: number;
  /** When the next probe may go: the end of the pause, or when a silent probe counts as lost. */
  probeAt: number;
  /** Pauses in a row, over returns that did not last. */
  pauses: number;
  /** When it came back; −Infinity for one that was never away. */
  returnedAt: number;
}

/** What a result at one endpoint is judged by. */
export interface BreakerScene {
  readonly now: number;
  readonly random: Random;
  /** All breakers of the pool, this one included. */
  readonly pool: readonly Breaker[];
}

/** An ejection with its evidence, for the record. */
export interface Ejection {
  readonly cause: EjectReason;
  readonly until: number;
  readonly own: FailureShare;
  readonly peers: FailureShare;
  readonly baseRate: number;
}

/** A closed breaker; `baseRate` is a first guess at its share of failures, such as that of its peers. */
export function createBreaker(baseRate?: number): Breaker {
  return {
    evidence: createSequentialEvidence(baseRate),
    phase: "closed",
    cause: "refused",
    isSuspected: false,
    era: 0,
    ejectedEra: -1,
    ejectedAt: Number.NEGATIVE_INFINITY,
    probeAt: Number.NEGATIVE_INFINITY,
    pauses: 0,
    returnedAt: Number.NEGATIVE_INFINITY,
  };
}

/** Whether a request may go there: freely, as the one probe, or not. */
export function breakerPermission(breaker: Breaker, now: number): Permission {
  if (breaker.phase === "closed") return "send";
  return now >= breaker.probeAt ? "probe" : "refuse";
}

/**
 * A request is sent; returns its ticket. When a probe is due, this request is the probe, and there is no other until it ends or has been
 * silent for `probeLimitMs` (which must be longer than the endpoint's first answer may take). Of any other request that is sent to an
 * ejected endpoint (in a panic) only its connection counts.
 */
export function enterBreaker(breaker: Breaker, now: number, probeLimitMs: number): number {
  if (breaker.phase === "closed") return breaker.era;
  if (now < breaker.probeAt) return breaker.ejectedEra;
  if (breaker.phase === "probing") breaker.pauses += 1;
  breaker.phase = "probing";
  breaker.era += 1;
  breaker.probeAt = now + probeLimitMs;
  return breaker.era;
}

/** The ticket of a request that is sent without being a probe. */
export function breakerTicket({ phase, era, ejectedEra }: Breaker): number {
  return phase === "closed" ? era : ejectedEra;
}

/** Whether the request with this ticket is the probe that is out. */
export function isProbeOf({ phase, era }: Breaker, ticket: number): boolean {
  return phase === "probing" && ticket === era;
}

/** Somebody else has found that it works, then. */
export function breakerReturned(breaker: Breaker, at: number): void {
  if (breaker.phase !== "closed" && breaker.cause !== "asked") close(breaker, at);
}

/** A connection was made. True when it closed the breaker: it had been ejected because connections were refused. */
export function breakerConnected(breaker: Breaker, ticket: number, now: number): boolean {
  if (breaker.phase === "closed" || breaker.cause !== "refused" || ticket < breaker.ejectedEra) return false;
  close(breaker, now);
  return true;
}

/** An answer was good, as far as it is known: its first content is enough. True when it closed the breaker. Allocates nothing. */
export function breakerSucceeded(breaker: Breaker, ticket: number, now: number): boolean {
  if (breaker.phase === "closed") {
    if (ticket === breaker.era) addSuccess(breaker.evidence, now);
    return false;
  }
  // Silence is refuted by any answer, whenever it was asked for.
  if (ticket <= breaker.ejectedEra && breaker.cause !== "stuck") return false;
  close(breaker, now);
  return true;
}

/** A request failed. The ejection when that was enough for one, or prolonged one. */
export function breakerFailed(
  breaker: Breaker,
  ticket: number,
  kind: EjectionCause,
  scene: BreakerScene,
): Ejection | undefined {
  if (ticket !== breaker.era || breaker.phase === "ejected") return undefined;
  if (breaker.phase === "probing") {
    breaker.pauses += 1;
    return eject(breaker, kind, scene);
  }
  if (kind === "failing" && !(addFailure(breaker.evidence, scene.now) && mayEject(breaker, scene))) return undefined;
  breaker.pauses = nextPause(breaker, scene.now);
  return eject(breaker, kind, scene);
}

/**
 * Ejects an endpoint that is silent or slow, or whose probe was. undefined: it is ejected already, or too few of its pool would be left (at most half of
 * a pool, rounded up, and never its last one).
 */
export function ejectBreaker(breaker: Breaker, cause: "stuck" | "slow", scene: BreakerScene): Ejection | undefined {
  const isFresh = breaker.phase === "closed";
  if (isFresh ? leavesTooFew(countPool(scene)) : breaker.phase === "ejected" && !breaker.isSuspected) return undefined;
  breaker.pauses = isFresh || breaker.isSuspected ? nextPause(breaker, scene.now) : breaker.pauses + 1;
  return eject(breaker, cause, scene);
}

/** Whether it is silent is not sure: the next request goes there as a probe, all others go elsewhere. False where `ejectBreaker` would not either. */
export function suspectBreaker(breaker: Breaker, scene: BreakerScene): boolean {
  if (breaker.phase !== "closed" || leavesTooFew(countPool(scene))) return false;
  begin(breaker, "stuck", scene.now);
  breaker.isSuspected = true;
  breaker.probeAt = scene.now;
  return true;
}

/** Somebody asked that it be left alone, without probes, until `unaskBreaker`. */
export function askBreaker(breaker: Breaker, now: number): void {
  begin(breaker, "asked", now);
  breaker.probeAt = Number.POSITIVE_INFINITY;
}

/** They do not ask for it any more: it comes back as after any ejection. */
export function unaskBreaker(breaker: Breaker, now: number): void {
  if (breaker.phase !== "closed" && breaker.cause === "asked") close(breaker, now);
}

/** A request ended and said nothing (its client left). A probe makes room for another at once. */
export function breakerAbandoned(breaker: Breaker, ticket: number, now: number): void {
  if (breaker.phase !== "probing" || ticket !== breaker.era) return;
  breaker.phase = "ejected";
  breaker.probeAt = now;
}

/** When a probe may go next; −Infinity while requests go freely. */
export function breakerProbeAt(breaker: Breaker): number {
  return breaker.phase === "closed" ? Number.NEGATIVE_INFINITY : breaker.probeAt;
}

/** Share of its weight that the endpoint gets now (0.1–1): it rises evenly after a return. */
export function slowStartShare(breaker: Breaker, now: number): number {
  const gone = (now - breaker.returnedAt) / SLOW_START_MS;
  return gone >= 1 ? 1 : FIRST_WEIGHT + (1 - FIRST_WEIGHT) * Math.max(0, gone);
}

function close(breaker: Breaker, now: number): void {
  breaker.phase = "closed";
  breaker.era += 1;
  const wasSuspected = breaker.isSuspected;
  breaker.isSuspected = false;
  if (wasSuspected) return;
  breaker.returnedAt = now;
  beginAnew(breaker.evidence, now, breaker.cause === "failing" ? SUSPICION : 0);
}

/** A return that did not last goes on with the pauses where they were. */
function nextPause({ returnedAt, pauses }: Breaker, now: number): number {
  return now - returnedAt < SLOW_START_MS ? pauses + 1 : 0;
}

function begin(breaker: Breaker, cause: EjectReason, now: number): void {
  breaker.phase = "ejected";
  breaker.cause = cause;
  breaker.isSuspected = false;
  breaker.era += 1;
  breaker.ejectedEra = breaker.era;
  breaker.ejectedAt = now;
}

function eject(breaker: Breaker, cause: EjectReason, scene: BreakerScene): Ejection {
  const firstMs = cause === "refused" ? REFUSED_PAUSE_MS : FAILING_PAUSE_MS;
  const { baseRate } = breaker.evidence;
  begin(breaker, cause, scene.now);
  breaker.probeAt = scene.now + pauseLengthMs(firstMs, LONGEST_PAUSE_MS, breaker.pauses, scene.random);
  return { cause, until: breaker.probeAt, ...sharesOf(breaker, scene), baseRate };
}

/** Evidence may eject at most half of a pool (rounded up), never its last endpoint unless it is the only one. */
function mayEject(breaker: Breaker, scene: BreakerScene): boolean {
  const count = countPool(scene);
  if (count.total > 1 && leavesTooFew(count)) return false;
  if (count.total - count.ejected === 1) return true;
  const { evidence } = breaker;
  const { own, peers } = sharesOf(breaker, scene);
  const scenery = { ...standingOfPeers(breaker, scene), wasAlike: evidence.wasAlike };
  const verdict = compareWithPeers(own, peers, scenery);
  if (verdict === "alike") restEvidence(breaker.evidence);
  return verdict === "worse";
}

function leavesTooFew(count: PoolCount): boolean {
  return count.ejected + 1 > Math.min(count.total - 1, Math.ceil(count.total / 2));
}

interface PoolCount {
  readonly total: number;
  readonly ejected: number;
}

function countPool({ pool }: BreakerScene): PoolCount {
  let total = 0;
  let ejected = 0;
  for (const each of pool) {
    total += 1;
    if (each.phase !== "closed") ejected += 1;
  }
  return { total, ejected };
}

/** What it and its peers did in the same time: since its trouble began, as far back as everybody's results are known. */
function sharesOf(breaker: Breaker, { pool }: BreakerScene): { own: FailureShare; peers: FailureShare } {
  let { since } = breaker.evidence;
  for (const each of pool) since = Math.max(since, knownSince(each.evidence));
  const own = { failed: 0, total: 0 };
  const peers = { failed: 0, total: 0 };
  for (const each of pool) addResultsSince(each.evidence, since, each === breaker ? own : peers);
  return { own, peers };
}

function standingOfPeers(breaker: Breaker, { pool, now }: BreakerScene): Omit<PeerScene, "wasAlike"> {
  let rates = 0;
  let count = 0;
  let areWell = true;
  for (const peer of pool) {
    if (peer === breaker) continue;
    rates += peer.evidence.baseRate;
    count += 1;
    if (peer.phase !== "closed" || slowStartShare(peer, now) < 1) areWell = false;
  }
  return { peerCount: count, usualRate: count === 0 ? 0 : rates / count, areWell };
}
