// Waits for what a revision led to, telling every event on the way.
import type { ControlClient } from "@flyball/client";
import type { AppEvent, ApplyResult, AppStatus } from "@flyball/core";

/** What came of a revision. */
export type RevisionOutcome =
  | { readonly kind: "reached" }
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

/**
 * Resolves with the outcome. A new revision says itself how it went. One that was written before says nothing more, so there the state
 * of the app decides: at once when it stands, else as soon as the app is ready or has failed.
 */
export async function reachRevision(options: ReachRevisionOptions): Promise<RevisionOutcome> {
  const { control, applied, events, since, onEvent } = options;
  if (!applied.isChanged) {
    const status = await control.status();
    if (status.state !== "starting") return outcomeOf(status) ?? { kind: "reached" };
  }
  for (;;) {
    const next = await events.next();
    if (next.done === true) return { kind: "lost" };
    const event = next.value;
    if (event.at < since) continue;
    onEvent(event);
    const outcome = applied.isChanged
      ? outcomeOfEvent(event, applied.revision.number)
      : outcomeOf(await control.status());
    if (outcome !== undefined) return outcome;
  }
}

function outcomeOfEvent(event: AppEvent, wanted: number): RevisionOutcome | undefined {
  if (event.event === "revision-reached" && event.revision >= wanted) return { kind: "reached" };
  if (event.event === "revision-failed" && event.revision >= wanted) return { kind: "failed", reason: event.reason };
  return undefined;
}

function outcomeOf(status: AppStatus): RevisionOutcome | undefined {
  if (status.state === "ready") return { kind: "reached" };
  if (status.state !== "failed") return undefined;
  const failed = status.services.find((service) => service.state === "failed" || service.state === "crash-loop");
  return { kind: "failed", reason: status.failure ?? failed?.reason ?? "" };
}
