// Streams that have begun and fell silent beyond what is usual. Subject: the endpoint, or its pool when most of it is silent. At most: eject (an
// endpoint), nothing (a pool). For a backend without counters this is all that can be known of a hang: silence alone is never death.
import type { RequestEvidence } from "@flyball/core";
import type { Finding } from "./finding.ts";
import { addWaits, findStuck, type StuckTable } from "./stuck-waits.ts";

/** Nothing seen yet. */
export function createStuckStreams(): StuckTable {
  return new Map();
}

/** Adds a report of the gateway; one without the learned bounds says nothing. */
export function addStuckStreams(table: StuckTable, seen: RequestEvidence): void {
  if (seen.stuckStreams === undefined) return;
  const inFlight = Math.max(seen.stuckStreams, seen.inFlight - (seen.stuck ?? 0));
  addWaits(table, seen, { stuck: seen.stuckStreams, inFlight, oldestMs: seen.oldestSilenceMs ?? 0 });
}

/** Endpoints and pools whose streams hang at present. */
export function findStuckStreams(table: StuckTable, now: number): readonly Finding[] {
  return findStuck(table, now, "stuck-streams");
}
