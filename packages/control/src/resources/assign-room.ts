// Who gets the room that is left on the machine. Claims are served in their order, the higher class first. One that does not fit waits, and
// what is free is kept for it where its wait will end: where enough leaves by itself, or makes way. Otherwise those behind it may have it;
// a machine that stands empty for somebody who can never come helps nobody.
import { countFits, minus, NOTHING, plus, type Amounts } from "./amounts.ts";

/** Room that is taken. */
export interface RoomHolder {
  /** `llm/0`. */
  readonly instance: string;
  /** Absent: an instance that is being started or waits for its restart. */
  readonly handle?: string;
  /** Index of `PRIORITIES`. */
  readonly rank: number;
  readonly amounts: Amounts;
  /** It ends by itself: a job, one that is drained, one that nobody wants any more. */
  readonly isLeaving: boolean;
  /** It may be stopped for somebody of a higher class. */
  readonly mayMakeWay: boolean;
}

/** A service or job with instances that are to be started. */
export interface RoomClaim {
  readonly service: string;
  readonly rank: number;
  /** Of one instance. */
  readonly each: Amounts;
  readonly missing: number;
  /** It may have lower classes stopped. */
  readonly preempts: boolean;
}

/** What a claim gets. */
export interface RoomGrant {
  /** So many of the missing fit now. */
  readonly fits: number;
  /** Set when not all of them do. */
  readonly shortage?: RoomShortage;
}

/** Why not. */
export interface RoomShortage {
  readonly each: Amounts;
  /** What is free on the machine, kept for others or not. */
  readonly free: Amounts;
  /** The fewest holders without whom one more would fit: those that leave by themselves first, then the lowest class. */
  readonly holders: readonly RoomHolder[];
  /** All of these leave by themselves. */
  readonly comesFree: boolean;
  /** It would fit, but what is free is kept for this one. */
  readonly keptFor?: string;
  /** To be stopped for it now. */
  readonly victims: readonly RoomHolder[];
}

/** All grants, and what is left for anybody else. */
export interface RoomAssignment {
  readonly grants: ReadonlyMap<string, RoomGrant>;
  readonly left: Amounts;
}

/** Assigns it. Pure. */
export function assignRoom(
  machine: Amounts,
  holders: readonly RoomHolder[],
  claims: readonly RoomClaim[],
): RoomAssignment {
  const grants = new Map<string, RoomGrant>();
  let free = holders.reduce((left, { amounts }) => minus(left, amounts), machine);
  let kept = NOTHING;
  let keptFor: string | undefined;
  for (const claim of claims) {
    const { each, missing } = claim;
    const fits = Math.min(missing, countFits(minus(free, kept), each));
    const isKeptFrom = fits < missing && countFits(minus(free, each, fits), each) > 0;
    free = minus(free, each, fits);
    if (fits === missing) {
      grants.set(claim.service, { fits });
      continue;
    }
    const victims = findVictims(claim, { free, kept, holders });
    const wayOut = leastHolders(minus(free, kept), each, inOrderOfLeaving(holders));
    const comesFree = wayOut !== undefined && wayOut.every(({ isLeaving }) => isLeaving);
    const shortage: RoomShortage = {
      each,
      free,
      holders: leastHolders(free, each, inOrderOfLeaving(holders)) ?? [],
      comesFree,
      ...(isKeptFrom && keptFor !== undefined ? { keptFor } : {}),
      victims,
    };
    grants.set(claim.service, { fits, shortage });
    if (!comesFree && victims.length === 0) continue;
    kept = plus(kept, each);
    keptFor ??= claim.service;
  }
  return { grants, left: minus(free, kept) };
}

/** Those of lower classes who would have to go besides all who leave already; none when that is not enough, or is not needed. */
function findVictims(
  { rank, each, preempts }: RoomClaim,
  facts: { readonly free: Amounts; readonly kept: Amounts; readonly holders: readonly RoomHolder[] },
): readonly RoomHolder[] {
  if (!preempts) return [];
  const leaving = facts.holders.filter(({ isLeaving }) => isLeaving);
  const soon = leaving.reduce((sum, { amounts }) => plus(sum, amounts), facts.free);
  const lower = facts.holders.filter((holder) => !holder.isLeaving && holder.mayMakeWay && holder.rank < rank);
  return leastHolders(minus(soon, facts.kept), each, inOrderOfLeaving(lower)) ?? [];
}

/** The holders in that order until one more fits, without those that turn out not to be needed; undefined when all are not enough. */
function leastHolders(free: Amounts, each: Amounts, holders: readonly RoomHolder[]): readonly RoomHolder[] | undefined {
  const chosen: RoomHolder[] = [];
  let room = free;
  for (const holder of holders) {
    if (countFits(room, each) > 0) break;
    chosen.push(holder);
    room = plus(room, holder.amounts);
  }
  if (countFits(room, each) === 0) return undefined;
  return chosen.filter((holder) => {
    const without = minus(room, holder.amounts);
    if (countFits(without, each) === 0) return true;
    room = without;
    return false;
  });
}

function inOrderOfLeaving(holders: readonly RoomHolder[]): readonly RoomHolder[] {
  return holders.toSorted(
    (a, b) =>
      Number(b.isLeaving) - Number(a.isLeaving) ||
      a.rank - b.rank ||
      b.amounts.gpus - a.amounts.gpus ||
      b.amounts.memoryBytes - a.amounts.memoryBytes ||
      b.amounts.cpus - a.amounts.cpus,
  );
}
