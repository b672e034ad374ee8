// The attempts in flight at one endpoint, oldest first, for a look at how long they wait. A list through the attempts themselves: entering and
// leaving allocate nothing, and a look costs nothing on the way of a request.
import type { AttemptLimits } from "../stages/attempt-limits.ts";
import type { UpstreamCall } from "../upstream/upstream.ts";
import { IDLE, type Standing } from "./standing.ts";
import { strainBoundMs, trialBoundMs, waitBoundMs, type UsualWaits } from "./usual-waits.ts";

/** Attempts of one endpoint that a look goes through, the oldest ones. */
const MOST_LOOKED_AT = 1_024;

/** What of an attempt can be moved to another endpoint. */
export interface Movable {
  /** Its endpoint is silent: it goes elsewhere if it may be sent again, else it waits on. */
  onStuck?(reason: string): void;
}

/** An attempt in flight. */
export class RunningAttempt {
  /** What the breaker gave when the place was taken. */
  readonly ticket: number;
  readonly usual: UsualWaits;
  readonly movable: Movable;
  limits: AttemptLimits | undefined = undefined;
  call: UpstreamCall | undefined = undefined;
  /** Pieces of its answer so far, and the longest silence between two of them. */
  pieces = 0;
  longestSilenceMs = 0;
  /** Neighbours in the list. */
  older: RunningAttempt | undefined = undefined;
  younger: RunningAttempt | undefined = undefined;
  isListed = false;

  constructor(ticket: number, usual: UsualWaits, movable: Movable) {
    this.ticket = ticket;
    this.usual = usual;
    this.movable = movable;
  }
}

/** Those of one endpoint. */
export interface RunningList {
  oldest: RunningAttempt | undefined;
  youngest: RunningAttempt | undefined;
}

/** What a look finds, for a report and for a judgement. */
export interface Waits extends Pick<Standing, "count" | "oldestWaitMs" | "oldestSilenceMs"> {
  readonly stuck: number;
  readonly stuckStreams: number;
  /** The least bound of those that are beyond theirs; Infinity: none is. */
  readonly leastBoundMs: number;
  /** The longest of those that are on their way to be stuck, or are; 0: none is. */
  readonly strainedMs: number;
  /** The one with this ticket is among them. */
  readonly isTicketStuck: boolean;
  /** It waits longer than a trial is given. */
  readonly isTicketLate: boolean;
}

const NO_WAITS: Waits = {
  ...IDLE,
  stuck: 0,
  stuckStreams: 0,
  leastBoundMs: Infinity,
  strainedMs: 0,
  isTicketStuck: false,
  isTicketLate: false,
};

/** Puts an attempt in. */
export function enterList(list: RunningList, attempt: RunningAttempt): void {
  attempt.older = list.youngest;
  if (list.youngest === undefined) list.oldest = attempt;
  else list.youngest.younger = attempt;
  list.youngest = attempt;
  attempt.isListed = true;
}

/** Takes it out; nothing happens when it is out already. */
export function leaveList(list: RunningList, attempt: RunningAttempt): void {
  if (!attempt.isListed) return;
  const { older, younger } = attempt;
  if (older === undefined) list.oldest = younger;
  else older.younger = younger;
  if (younger === undefined) list.youngest = older;
  else younger.older = older;
  attempt.older = undefined;
  attempt.younger = undefined;
  attempt.isListed = false;
}

/** How long those wait that are in flight now; `probeTicket`: whose wait is asked for. */
export function lookAtWaits(list: RunningList, now: number, probeTicket: number): Waits {
  if (list.oldest === undefined) return NO_WAITS;
  let [count, stuck, stuckStreams] = [0, 0, 0];
  let [oldestWaitMs, oldestSilenceMs, strainedMs, leastBoundMs] = [0, 0, 0, Infinity];
  let isTicketStuck = false;
  let isTicketLate = false;
  for (let at: RunningAttempt | undefined = list.oldest; at !== undefined && count < MOST_LOOKED_AT; at = at.younger) {
    count += 1;
    const wait = waitOf(at);
    if (wait === undefined) continue;
    const ms = now - (at.limits?.enteredAt ?? now);
    if (wait === "silence") oldestSilenceMs = Math.max(oldestSilenceMs, ms);
    else oldestWaitMs = Math.max(oldestWaitMs, ms);
    if (ms > strainedMs && ms > strainBoundMs(at.usual, wait)) strainedMs = ms;
    isTicketLate ||= at.ticket === probeTicket && ms > trialBoundMs(at.usual, wait);
    const bound = waitBoundMs(at.usual, wait);
    if (ms <= bound) continue;
    if (wait === "silence") stuckStreams += 1;
    else stuck += 1;
    leastBoundMs = Math.min(leastBoundMs, bound);
    isTicketStuck ||= at.ticket === probeTicket;
  }
  return {
    count,
    oldestWaitMs,
    stuck,
    oldestSilenceMs,
    stuckStreams,
    leastBoundMs,
    strainedMs,
    isTicketStuck,
    isTicketLate,
  };
}

/** Tells all that wait, or are silent, that their endpoint is. */
export function moveAll(list: RunningList, reason: string): void {
  const waiting: RunningAttempt[] = [];
  for (let at = list.oldest; at !== undefined; at = at.younger) if (waitOf(at) !== undefined) waiting.push(at);
  for (const { movable } of waiting) movable.onStuck?.(reason);
}

/** What it waits for at present; undefined: not for its endpoint. */
function waitOf({ limits, call, usual }: RunningAttempt): "first-byte" | "silence" | undefined {
  if (limits === undefined) return undefined;
  switch (limits.phase) {
    case "connect":
      return "first-byte";
    case "first-byte":
    case "first-token":
      // While its body is on its way, it may be the client that is late.
      return call?.isWritten === true ? "first-byte" : undefined;
    case "gap":
      return usual.silence === undefined ? undefined : "silence";
    case "rest":
      return undefined;
    default:
      return limits.phase satisfies never;
  }
}
