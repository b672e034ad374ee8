// Requests that have no first byte beyond what is usual for their route. Subject: the endpoint, or its pool when most of it hangs. At most: eject
// (an endpoint), nothing (a pool). What waits says nothing about whether it works, so this alone never leads to a kill.
import type { RequestEvidence } from "@flyball/core";
import type { Finding } from "./finding.ts";
import { addWaits, findStuck, type StuckTable } from "./stuck-waits.ts";

/** Nothing seen yet. */
export function createStuckRequests(): StuckTable {
  return new Map();
}

/** Adds a report of the gateway; one without the learned bounds says nothing. */
export function addStuckRequests(table: StuckTable, seen: RequestEvidence): void {
  if (seen.stuck === undefined) return;
  const inFlight = Math.max(seen.stuck, seen.inFlight - (seen.stuckStreams ?? 0));
  addWaits(table, seen, { stuck: seen.stuck, inFlight, oldestMs: seen.oldestWaitMs ?? 0 });
}

/** Endpoints and pools whose requests hang at present. */
export function findStuckRequests(table: StuckTable, now: number): readonly Finding[] {
  return findStuck(table, now, "stuck-requests");
}
