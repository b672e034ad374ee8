// Requests that wait because their pool can take no more now: no endpoint is there, or as many attempts are under way as it does well
// with. At most 1,000 per pool and worker. They get in by class, and in a class in order of arrival. When the room is full, one of a
// higher class takes the place of the youngest of the lowest; any other is turned away.
//
// Someone who waits is looked at when something has changed: a new snapshot, a closed breaker, a freed place, the time of a probe. Only
// one for whom a place was taken leaves the room, so that a look that finds none costs nobody his turn.
import { PRIORITIES, type CancelTimer, type Clock } from "@flyball/core";
import type { GaugeSeries } from "@flyball/telemetry";

/** Waiting requests per pool and worker. */
export const MAX_WAITING = 1_000;

/** One who waits. */
export interface Waiter {
  /** Index of `PRIORITIES`. */
  readonly priority: number;
  /** Monotonic milliseconds. */
  readonly enteredAt: number;
  /** Takes a place if there is one now; nothing else may happen here. */
  take(): boolean;
  /** Has left the room with that place. */
  go(): void;
  /** Has left the room for one of a higher class. */
  giveWay(): void;
}

/** The waiting requests of one pool. */
export interface WaitingRoom {
  /** false: the room is full of others that come first. */
  enter(waiter: Waiter): boolean;
  /** Leaves without a place; nothing when it is gone already. */
  leave(waiter: Waiter): void;
  /** Lets in whoever finds a place, until the first one finds none. */
  wake(): void;
  /** Looks at the first at this monotonic time, if anybody waits then; an earlier time that was set stays. */
  wakeAt(at: number): void;
  /** How many come before one of this class that enters now. */
  before(priority: number): number;
  /** When the one who has waited longest entered; Infinity for nobody. */
  oldestAt(): number;
  size: number;
}

/** Creates an empty room. */
export function createWaitingRoom(clock: Clock, gauge: GaugeSeries): WaitingRoom {
  const queues: readonly Set<Waiter>[] = PRIORITIES.map(() => new Set());
  let timerAt = Number.POSITIVE_INFINITY;
  let cancelTimer: CancelTimer | undefined;
  const remove = (waiter: Waiter): boolean => {
    if (queues[waiter.priority]?.delete(waiter) !== true) return false;
    room.size -= 1;
    gauge.add(-1);
    return true;
  };
  const room: WaitingRoom = {
    size: 0,
    enter(waiter) {
      const loser = room.size < MAX_WAITING ? undefined : youngestBelow(queues, waiter.priority);
      if (room.size >= MAX_WAITING && !loser) return false;
      if (loser) remove(loser);
      queues[waiter.priority]?.add(waiter);
      room.size += 1;
      gauge.add(1);
      loser?.giveWay();
      return true;
    },
    leave: (waiter) => void remove(waiter),
    wake() {
      for (let first = firstOf(queues); first?.take() === true; first = firstOf(queues)) {
        remove(first);
        first.go();
      }
    },
    wakeAt(at) {
      if (at >= timerAt || !Number.isFinite(at)) return;
      cancelTimer?.();
      timerAt = at;
      cancelTimer = clock.after(Math.max(1, Math.ceil(at - clock.monotonic())), () => {
        timerAt = Number.POSITIVE_INFINITY;
        room.wake();
      });
    },
    before(priority) {
      let count = 0;
      for (let index = priority; index < queues.length; index += 1) count += queues[index]?.size ?? 0;
      return count;
    },
    oldestAt() {
      let oldest = Number.POSITIVE_INFINITY;
      for (const queue of queues) oldest = Math.min(oldest, firstIn(queue)?.enteredAt ?? oldest);
      return oldest;
    },
  };
  return room;
}

function firstOf(queues: readonly Set<Waiter>[]): Waiter | undefined {
  for (let index = queues.length - 1; index >= 0; index -= 1) {
    const waiter = firstIn(queues[index] as Set<Waiter>);
    if (waiter) return waiter;
  }
  return undefined;
}

function firstIn(queue: ReadonlySet<Waiter>): Waiter | undefined {
  for (const waiter of queue) return waiter;
  return undefined;
}

function youngestBelow(queues: readonly Set<Waiter>[], priority: number): Waiter | undefined {
  for (let index = 0; index < priority; index += 1) {
    const youngest = [...(queues[index] as Set<Waiter>)].at(-1);
    if (youngest) return youngest;
  }
  return undefined;
}
