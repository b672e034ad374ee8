// Prompts that count as read although nobody has seen a first token. An answer in one piece shows none, and a model that thinks in silence shows
// its first one long after the prompt was read: they would keep others waiting for nothing. So a prompt counts as read after the time that the
// prompts in flight there take; where the first token should be seen, after several times that. One timer a worker.
import type { CancelTimer, Clock } from "@flyball/core";
import { noteRead, type Booking } from "./booking.ts";
import type { WorkerSchedule } from "./worker-schedule.ts";

/** Longer than a step, and than the way there. */
const LEAST_MS = 50;
/** Where a first token should come: it is waited for this many times as long as was thought, and no less than this. */
const PATIENCE = 4;
const LEAST_PATIENCE_MS = 1_000;

/** The prompts that are being read. */
export interface ReadingList {
  /** An attempt is sent. `isStream`: its first token will probably be seen. */
  add(booking: Booking, isStream: boolean): void;
}

/** Nothing is kept here: each booking knows until when, so that one that has ended is free at once. */
export function createReadingList(clock: Clock, schedule: () => WorkerSchedule): ReadingList {
  let cancel: CancelTimer | undefined;
  const sweep = (): void => {
    cancel = undefined;
    const now = clock.monotonic();
    let isOneLeft = false;
    for (const booking of schedule().held) {
      if (booking.hasToken || booking.readUntil === Number.POSITIVE_INFINITY) continue;
      if (booking.readUntil > now) {
        isOneLeft = true;
        continue;
      }
      booking.readUntil = Number.POSITIVE_INFINITY;
      noteRead(schedule(), booking);
    }
    if (isOneLeft) cancel ??= clock.after(LEAST_MS, sweep);
  };
  return {
    add(booking, isStream) {
      const { prefillMs } = schedule().memory.book.limits(booking.reservation.endpoint).rates;
      const readMs = booking.uncachedInFlight * prefillMs;
      const patienceMs = isStream ? Math.max(LEAST_PATIENCE_MS, PATIENCE * readMs) : Math.max(LEAST_MS, readMs);
      booking.readUntil = clock.monotonic() + patienceMs;
      cancel ??= clock.after(LEAST_MS, sweep);
    },
  };
}
