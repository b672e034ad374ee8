// What a shared store keeps of one limit, and how it answers a gateway. The store runs the very same steps in one atomic script; here
// they stand as plain arithmetic, so that their bound can be shown on random histories. Only the store's own time is used: what a
// gateway says of time is at most how long ago something was.
import type { CounterLease, LeaseGrant } from "./counter-lease.ts";

/** A window has sixty steps, and the oldest counts whole. */
const STEPS = 60;
/** What was lent to a gateway that is gone is summed with the rest after this long. */
export const FOLD_AFTER_MS = 600_000;

/** One limit as the store keeps it. Amounts are whole. */
export interface LeaseBook {
  /** What was used of a rate, by step of the store's time. */
  readonly steps: Map<number, number>;
  /** What each gateway holds and has not reported as used. */
  readonly held: Map<string, number>;
  /** What each gateway has spent of a budget since it joined. */
  readonly spent: Map<string, number>;
  /** What was spent of a budget before any gateway joined, by whose journal it is. */
  readonly before: Map<string, number>;
}

/** Creates an empty book. */
export function createLeaseBook(): LeaseBook {
  return { steps: new Map(), held: new Map(), spent: new Map(), before: new Map() };
}

/** Who asks, and when. */
export interface LeaseCaller {
  readonly gateway: string;
  /** The store's time in milliseconds. */
  readonly now: number;
  /** When the lease of a gateway ended (the store's time); undefined while it lives. */
  readonly endedAt: (gateway: string) => number | undefined;
}

/** Writes down what a gateway says and lends it what is free. */
export function leaseFromBook(book: LeaseBook, lease: CounterLease, caller: LeaseCaller): LeaseGrant {
  const { gateway, now } = caller;
  const newest = lease.kind === "rate" ? Math.floor(now / lease.stepMs) : 0;
  takeFromTheDead(book, lease, caller);
  if (lease.kind === "rate") writeUse(book, lease, now);
  else if (lease.kind === "budget") {
    book.spent.set(gateway, lease.spent);
    if (!book.before.has(lease.origin)) book.before.set(lease.origin, lease.spentBefore);
  }
  book.held.set(gateway, lease.held);
  const floor = lease.kind === "budget" ? lease.knownSpent : 0;
  const heldByAll = sum(book.held);
  const room = lease.limit - Math.max(floor, sum(book.spent) + sum(book.before)) - sum(book.steps) - heldByAll;
  const granted = Math.max(0, Math.min(lease.wanted, Math.floor(room)));
  if (lease.held + granted > 0) book.held.set(gateway, lease.held + granted);
  else book.held.delete(gateway);
  const othersHold = heldByAll - lease.held;
  const retryMs =
    granted < lease.wanted && lease.kind === "rate" ? untilRoom(book, lease.stepMs, { newest, now, room }) : 0;
  return { granted, othersHold, retryMs };
}

/** What a dead gateway held counts as used at the end of its lease: it may have used it until then. */
function takeFromTheDead(book: LeaseBook, lease: CounterLease, { gateway, now, endedAt }: LeaseCaller): void {
  for (const [holder, held] of book.held) {
    const ended = holder === gateway ? undefined : endedAt(holder);
    if (ended === undefined) continue;
    book.held.delete(holder);
    if (lease.kind === "rate") add(book.steps, Math.floor(ended / lease.stepMs), held);
    else if (lease.kind === "budget") add(book.spent, holder, held);
  }
  if (lease.kind !== "budget") return;
  for (const [holder, spent] of book.spent) {
    const ended = holder === gateway ? undefined : endedAt(holder);
    if (ended === undefined || now - ended < FOLD_AFTER_MS) continue;
    book.spent.delete(holder);
    add(book.before, "folded", spent);
  }
}

function writeUse(book: LeaseBook, lease: Extract<CounterLease, { kind: "rate" }>, now: number): void {
  const { steps } = book;
  const newest = Math.floor(now / lease.stepMs);
  for (const { ageMs, amount } of lease.used) add(steps, Math.floor((now - ageMs) / lease.stepMs), amount);
  for (const step of steps.keys()) if (step < newest - STEPS) steps.delete(step);
  let back = lease.givenBack;
  // From the oldest step on: that makes room now and none later, so no window is ever counted short.
  for (const step of [...steps.keys()].toSorted((left, right) => left - right)) {
    const part = Math.min(back, steps.get(step) ?? 0);
    add(steps, step, -part);
    back -= part;
  }
}

/** Until one more fits, when nobody gives anything back. */
function untilRoom(
  { steps }: LeaseBook,
  stepMs: number,
  at: { readonly newest: number; readonly now: number; readonly room: number },
): number {
  let { room } = at;
  for (let step = at.newest - STEPS; step <= at.newest; step += 1) {
    if (room >= 1) break;
    room += steps.get(step) ?? 0;
    if (room >= 1) return Math.max(1, Math.ceil((step + STEPS + 1) * stepMs - at.now));
  }
  return 0;
}

function add<Key>(map: Map<Key, number>, key: Key, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount);
}

function sum(map: ReadonlyMap<unknown, number>): number {
  let total = 0;
  for (const amount of map.values()) total += amount;
  return total;
}
