// Requests that wait because no endpoint of their pool can take them now: at most 1,000 per pool and worker, further ones are refused
// at once. They are woken in order of arrival by a new snapshot, a closed breaker, a freed place, or the time of a probe.
import type { CancelTimer, Clock } from "@flyball/core";
import type { GaugeSeries } from "@flyball/telemetry";

/** Waiting requests per pool and worker. */
export const MAX_WAITING = 1_000;

/** The waiting requests of one pool. */
export interface WaitingRoom {
  /** Waits for a wake; undefined when the room is full. The result leaves the room without a wake. */
  enter(onWake: () => void): (() => void) | undefined;
  wakeAll(): void;
  wakeFirst(): void;
  /** Wakes the first at this monotonic time, if anybody waits then; an earlier one that was set stays. */
  wakeFirstAt(at: number): void;
  readonly size: number;
}

/** Creates an empty room. */
export function createWaitingRoom(clock: Clock, gauge: GaugeSeries): WaitingRoom {
  const waiting = new Set<() => void>();
  let timerAt = Number.POSITIVE_INFINITY;
  let cancelTimer: CancelTimer | undefined;
  const wake = (waiter: () => void): void => {
    if (!waiting.delete(waiter)) return;
    gauge.add(-1);
    waiter();
  };
  const room: WaitingRoom = {
    enter(onWake) {
      if (waiting.size >= MAX_WAITING) return undefined;
      const waiter = (): void => onWake();
      waiting.add(waiter);
      gauge.add(1);
      return () => {
        if (waiting.delete(waiter)) gauge.add(-1);
      };
    },
    wakeAll() {
      // Whoever enters again while this runs waits for the next wake.
      for (const waiter of Array.from(waiting)) wake(waiter);
    },
    wakeFirst() {
      for (const waiter of waiting) return wake(waiter);
    },
    wakeFirstAt(at) {
      if (at >= timerAt || !Number.isFinite(at)) return;
      cancelTimer?.();
      timerAt = at;
      cancelTimer = clock.after(Math.max(1, Math.ceil(at - clock.monotonic())), () => {
        timerAt = Number.POSITIVE_INFINITY;
        room.wakeFirst();
      });
    },
    get size() {
      return waiting.size;
    },
  };
  return room;
}
