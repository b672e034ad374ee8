// Self-doubt: a control that was late itself sees silence everywhere, because answers waited for it. For a while it opens no incident and does nothing
// about those that are open. The prober voids its own late probes too; this is for all the rest.
import type { ControlContext } from "../control-context.ts";

/** A loop of four passes a second that is this late was not late for its own work. */
const LATE_MS = 1_000;
/** Evidence from the time of the lateness is worked through by then. */
const DOUBT_MS = 3_000;

/** Hears how much later than planned the loop woke. */
export function doubtOneself({ state, clock }: ControlContext, lateMs: number): void {
  if (lateMs >= LATE_MS) state.healing.doubtUntil = clock.now() + DOUBT_MS;
}
