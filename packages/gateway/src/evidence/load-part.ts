// One endpoint as the load of its pool counts it: from the shared counts what it has in flight, and what was learned of how much it can bear.
// Nobody else in the gateway reckons a load that is shown or scaled by.
import type { EndpointSnapshot } from "@flyball/core";
import { NO_LIMIT, ownLoad, type LoadPart } from "@flyball/traffic";
import type { ScheduleKeeper } from "../schedule/schedule-keeper.ts";
import type { InFlightTable, Slot } from "../shared/in-flight-table.ts";

/** Reads the counts of a snapshot's endpoints. */
export interface LoadReader {
  readonly inFlight: InFlightTable;
  readonly slotOf: (endpoint: string) => Slot | undefined;
  /** undefined: nothing is scheduled. */
  readonly schedule?: Pick<ScheduleKeeper, "memory" | "limits" | "shares">;
}

/** Prompts of so much of its own time are a full load of an endpoint, ms. */
const PREFILL_BUDGET_MS = 1_000;

/** The endpoint now. */
export function loadPartOf({ id, capacity, weight }: EndpointSnapshot, reader: LoadReader): LoadPart {
  const { inFlight: table, slotOf, schedule } = reader;
  const slot = slotOf(id);
  const inFlight = slot === undefined ? 0 : table.total(slot);
  const bearing = schedule?.limits.bearingOf(id);
  const slots = bearing?.slots ?? capacity;
  const tokenMs = bearing?.tokenMs === undefined ? {} : { tokenMs: bearing.tokenMs };
  if (slot === undefined || schedule === undefined || bearing === undefined) {
    return { inFlight, load: inFlight / slots, slots, weight };
  }
  const { book } = schedule.memory;
  const limits = book.limits(slot.index);
  // Of the whole, for the loads of gateways that share it add up.
  const kvTokenCap = schedule.limits.wholeOf(id)?.memoryTokens ?? NO_LIMIT;
  const load = ownLoad(
    { ...limits, activeCap: slots, kvTokenCap },
    { active: inFlight, prefillTokens: book.prefillTokens(slot.index), kvTokens: book.kvTokens(slot.index) },
    PREFILL_BUDGET_MS,
  );
  return { inFlight, load, slots, weight, ...tokenMs };
}
