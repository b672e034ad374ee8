// One whole that several gateways share, as control keeps it: the slots of an endpoint, or the tokens of its memory. Each gateway reports what it
// holds and what it wants, and is told its part until it reports again. What is lent stands in the very book by which limits are lent
// (`lease-book.ts`); here is added how much each should have.
//
// A gateway holds its part, or what is in use there where that is more: a part that was made smaller comes free only as requests end. It has
// one report under way at a time, so what it says that it holds is true until it hears the answer. So the parts in force and what is in
// use never add up to more than the whole, whatever is lost on the way.
import { divideWhole, fairLevel } from "./divide-whole.ts";
import { createLeaseBook, leaseFromBook, type LeaseBook } from "./lease-book.ts";
import { smoothDemand } from "./smooth-demand.ts";

/** What a gateway says of one whole. Units are whole numbers. */
export interface ShareReport {
  /** What it takes the whole to be; of several opinions the least holds. */
  readonly whole: number;
  /** Its part as it keeps to it now, or what is in use where that is more. */
  readonly held: number;
  /** In use and waited for. */
  readonly wanted: number;
  /** It ends: it wants nothing beyond what is in use. */
  readonly isLeaving: boolean;
}

/** Who reports, and when. */
export interface SharingCaller {
  readonly gateway: string;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** When a gateway's lease ended; undefined while it lives. */
  readonly endedAt: (gateway: string) => number | undefined;
  /** Every gateway that may hold a part has reported. Before that nobody gets more than he holds. */
  readonly isSettled: boolean;
}

/** One gateway that shares the whole. */
interface SharingGateway {
  report: ShareReport;
  demand: number;
  /** Its part, as it was told last. */
  part: number;
  /** Units that cannot be divided, which it was owed and did not have: unit · seconds. */
  owed: number;
  saidAt: number;
}

/** The whole as it is divided; changed in place. Bounded by the gateways. */
export interface ShareBook {
  readonly leases: LeaseBook;
  readonly gateways: Map<string, SharingGateway>;
  countedAt: number;
}

/** Whoever has a unit that cannot be divided keeps it until another one is owed so much more, unit · seconds: for half a second or so. */
const TURN = 0.25;
const MOST_OWED = 4 * TURN;

/** A book in which nobody has anything. */
export function createShareBook(): ShareBook {
  return { leases: createLeaseBook(), gateways: new Map(), countedAt: Number.NEGATIVE_INFINITY };
}

/** Writes down what a gateway says and answers its part, until it reports again. O(gateways). */
export function shareFromBook(book: ShareBook, report: ShareReport, caller: SharingCaller): number {
  const { gateway, now, endedAt, isSettled } = caller;
  for (const other of book.gateways.keys()) {
    if (other !== gateway && endedAt(other) !== undefined) book.gateways.delete(other);
  }
  countTurns(book, now);
  const own = noteReport(book, gateway, report, now);
  const due = partsDue(book).get(gateway) ?? 0;
  const { held } = report;
  const limit = wholeOf(book);
  const wanted = isSettled ? Math.max(0, due - held) : 0;
  const { granted } = leaseFromBook(
    book.leases,
    { kind: "concurrency", limit, held, wanted },
    { gateway, now, endedAt },
  );
  own.part = isSettled ? Math.min(due, held) + granted : held;
  return own.part;
}

/** A gateway is gone for certain, or the whole is none of its own any more: what it held is free. */
export function forgetSharing(book: ShareBook, gateway: string): void {
  book.gateways.delete(gateway);
  book.leases.held.delete(gateway);
}

/**
 * Gateways that should report now: those that want more and could have it, and while somebody wants more than he has, those that have more
 * than is due to them and were not told yet. What each of them then says lets the next one have it.
 */
export function gatewaysToAsk(book: ShareBook): readonly string[] {
  const due = partsDue(book);
  const short: string[] = [];
  const over: string[] = [];
  let held = 0;
  for (const [id, { report, part }] of book.gateways) {
    held += book.leases.held.get(id) ?? 0;
    const ownDue = due.get(id) ?? 0;
    if (Math.min(report.wanted, ownDue) > part) short.push(id);
    if (part > ownDue) over.push(id);
  }
  if (short.length === 0) return [];
  return held < wholeOf(book) ? [...short, ...over] : over;
}

/** The least that any of them takes it to be. */
function wholeOf({ gateways }: ShareBook): number {
  let whole = Number.POSITIVE_INFINITY;
  for (const { report } of gateways.values()) whole = Math.min(whole, report.whole);
  return Number.isFinite(whole) ? whole : 0;
}

function noteReport(book: ShareBook, gateway: string, report: ShareReport, now: number): SharingGateway {
  const known = book.gateways.get(gateway);
  const own = known ?? { report, demand: 0, part: report.held, owed: 0, saidAt: now };
  own.demand = report.isLeaving ? report.wanted : smoothDemand(own.demand, report.wanted, now - own.saidAt);
  own.report = report;
  own.saidAt = now;
  if (known === undefined) book.gateways.set(gateway, own);
  return own;
}

function partsDue(book: ShareBook): ReadonlyMap<string, number> {
  const whole = wholeOf(book);
  const level = Math.floor(levelOf(book));
  const all = [...book.gateways];
  const asks = all.map(([, own]) => ({
    demand: demandOf(own, whole),
    isLeaving: own.report.isLeaving,
    turn: own.owed + (own.part > level ? TURN : 0),
  }));
  const parts = divideWhole(whole, asks);
  return new Map(all.map(([id], index) => [id, parts[index] as number]));
}

function demandOf({ demand }: SharingGateway, whole: number): number {
  return Math.min(whole, Math.round(demand));
}

function levelOf(book: ShareBook): number {
  const whole = wholeOf(book);
  return fairLevel(
    whole,
    [...book.gateways.values()].map((own) => demandOf(own, whole)),
  );
}

/** Whoever has less than the fair level, and wants it, is owed the difference, which grows as long as that lasts. */
function countTurns(book: ShareBook, now: number): void {
  const seconds = Number.isFinite(book.countedAt) ? (now - book.countedAt) / 1_000 : 0;
  book.countedAt = now;
  const whole = wholeOf(book);
  const level = levelOf(book);
  for (const own of book.gateways.values()) {
    const isShort = demandOf(own, whole) > level;
    const owed = isShort ? own.owed + Math.max(-1, Math.min(1, level - own.part)) * seconds : 0;
    own.owed = Math.max(-MOST_OWED, Math.min(MOST_OWED, owed));
  }
}
