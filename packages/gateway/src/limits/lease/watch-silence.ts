// Tells when a store does not answer. Only time in which this thread itself ran on time counts: on a machine that is short of processors
// a late answer is no sign that the store is gone.
import type { CancelTimer, Clock } from "@flyball/core";

const CHECK_MS = 5;
/** A check that comes so late was held up here. */
const LATE_MS = 12;
/** With calls waiting, so that they can still go on within their 25 ms. */
const SILENT_WAITED_FOR_MS = 15;
const SILENT_MS = 250;

/** Watches one command; the result ends the watch. */
export function watchSilence(
  clock: Clock,
  { isWaitedFor, onSilent }: { readonly isWaitedFor: () => boolean; readonly onSilent: () => void },
): CancelTimer {
  let silentMs = 0;
  let checkedAt = clock.monotonic();
  let cancel = clock.after(CHECK_MS, check);
  function check(): void {
    const now = clock.monotonic();
    const passed = now - checkedAt;
    checkedAt = now;
    silentMs = passed < LATE_MS ? silentMs + passed : 0;
    if (silentMs >= (isWaitedFor() ? SILENT_WAITED_FOR_MS : SILENT_MS)) onSilent();
    else cancel = clock.after(CHECK_MS, check);
  }
  return () => cancel();
}
