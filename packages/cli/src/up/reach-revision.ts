// Waits for what a revision led to, telling every event on the way.
import type { ControlClient } from "@flyball/client";
import type { AppEvent, ApplyResult } from "@flyball/core";

/** What came of a revision. */
export type RevisionOutcome =
  | { readonly kind: "reached"; readonly tookMs?: number }
  | { readonly kind: "failed"; readonly reason: string }
  /** The events ended: the app is gone or the wait was given up. */
  | { readonly kind: "lost" };

/** How to wait. */
export interface ReachRevisionOptions {
  readonly control: Pick<ControlClient, "status">;
  readonly applied: ApplyResult;
  readonly events: AsyncIterator<AppEvent>;
  /** Wall time of the command's start; older events are another's story. */
  readonly since: number;
  readonly onEvent: (event: AppEvent) => void;
}

/** Resolves with the outcome. A revision that stands already is reached at once. */
export async function reachRevision(options: ReachRevisionOptions): Promise<RevisionOutcome> {
  const { control, applied, events, since, onEvent } = options;
  const wanted = applied.revision.number;
  if (!applied.isChanged) {
    const { state, failure } = await control.status();
    if (state === "failed") return { kind: "failed", reason: failure ?? "" };
    if (state !== "starting") return { kind: "reached" };
  }
  for (;;) {
    const next = await events.next();
    if (next.done === true) return { kind: "lost" };
    const event = next.value;
    if (event.at < since) continue;
    onEvent(event);
    if (event.event === "revision-reached" && event.revision >= wanted)
      return { kind: "reached", tookMs: event.tookMs };
    if (event.event === "revision-failed" && event.revision >= wanted) return { kind: "failed", reason: event.reason };
  }
}
