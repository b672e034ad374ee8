// Waits for what a revision led to, telling every event on the way. The wait has an end: what is not there by then is named.
import type { ControlClient } from "@flyball/client";
import type { AppEvent, ApplyResult, AppStatus, Clock, SnapshotRefusal } from "@flyball/core";

/** What came of a revision. */
export type RevisionOutcome =
  | { readonly kind: "reached" }
  | { readonly kind: "failed"; readonly failure: RevisionFailure }
  /** The gateway does not take it; what was served before goes on. */
  | { readonly kind: "refused"; readonly refusal: SnapshotRefusal }
  /** `status` is the state at the limit; undefined when control does not answer. */
  | { readonly kind: "timed-out"; readonly status: AppStatus | undefined }
  /** The events ended: the app is gone or the wait was given up. */
  | { readonly kind: "lost" };

/** Why a revision failed. */
export type RevisionFailure = Pick<Extract<AppEvent, { event: "revision-failed" }>, "reason" | "composed">;

/** How long to wait. */
export interface WaitLimit {
  readonly limitMs: number;
  /** Nobody can say how long a job takes: while one runs, the wait begins anew. A limit that a person gave holds all the same. */
  readonly waitsForJobs: boolean;
}

/** How to wait. */
export interface ReachRevisionOptions {
  readonly control: Pick<ControlClient, "status">;
  readonly applied: ApplyResult;
  readonly events: AsyncIterator<AppEvent>;
  /** Wall time of the command's start; older events are another's story. */
  readonly since: number;
  readonly clock: Clock;
  readonly limit: WaitLimit;
  readonly onEvent: (event: AppEvent) => void;
}

/**
 * Resolves with the outcome. A new revision says itself how it went. One that was written before says nothing more, so there the state
 * of the app decides: at once when it stands, else as soon as the app is ready or has failed.
 */
export async function reachRevision(options: ReachRevisionOptions): Promise<RevisionOutcome> {
  const { control, applied, events, since, onEvent, limit } = options;
  if (!applied.isChanged) {
    const status = await control.status();
    if (status.state !== "starting") return outcomeOf(status) ?? { kind: "reached" };
  }
  const alarm = createAlarm(options.clock, limit.limitMs);
  try {
    // Asked for once and awaited again after a prolongation: an event that nobody awaits would be lost to whoever follows.
    let pending: Promise<IteratorResult<AppEvent>> | undefined;
    for (;;) {
      pending ??= events.next();
      const next = await Promise.race([pending, alarm.rings()]);
      if (next === "too-late") {
        const status = await control.status().catch(() => undefined);
        if (!limit.waitsForJobs || !isJobRunning(status)) return { kind: "timed-out", status };
        alarm.setAnew();
        continue;
      }
      if (next.done === true) return { kind: "lost" };
      const event = next.value;
      pending = undefined;
      if (event.at < since) continue;
      onEvent(event);
      const outcome = applied.isChanged
        ? outcomeOfEvent(event, applied.revision.number)
        : outcomeOf(await control.status());
      if (outcome !== undefined) return outcome;
    }
  } finally {
    alarm.cancel();
  }
}

interface Alarm {
  rings(): Promise<"too-late">;
  setAnew(): void;
  cancel(): void;
}

function createAlarm(clock: Clock, limitMs: number): Alarm {
  let ringing = Promise.withResolvers<"too-late">();
  const set = (): (() => void) => clock.after(limitMs, () => ringing.resolve("too-late"));
  let cancel = set();
  return {
    rings: () => ringing.promise,
    setAnew() {
      ringing = Promise.withResolvers();
      cancel = set();
    },
    cancel: () => cancel(),
  };
}

function outcomeOfEvent(event: AppEvent, wanted: number): RevisionOutcome | undefined {
  if (event.event === "revision-reached" && event.revision >= wanted) return { kind: "reached" };
  if (event.event === "revision-failed" && event.revision >= wanted) return { kind: "failed", failure: event };
  if (event.event === "snapshot-refused" && event.revision >= wanted) return { kind: "refused", refusal: event };
  return undefined;
}

function outcomeOf(status: AppStatus): RevisionOutcome | undefined {
  const { refusal } = status.gateway;
  if (refusal !== undefined) return { kind: "refused", refusal };
  if (status.state === "ready") return { kind: "reached" };
  // A revision that failed is not reached, however well the instances of the one before it serve.
  if (status.state !== "failed" && status.failure === undefined) return undefined;
  const failed = status.services.find((service) => service.state === "failed" || service.state === "crash-loop");
  return { kind: "failed", failure: failureOf(status, failed) };
}

function failureOf(status: AppStatus, failed: AppStatus["services"][number] | undefined): RevisionFailure {
  if (status.failure === undefined)
    return { reason: failed?.reason ?? "", ...(failed?.composed && { composed: failed.composed }) };
  const text = status.composed?.failure;
  return { reason: status.failure, ...(text && { composed: { reason: text } }) };
}

function isJobRunning(status: AppStatus | undefined): boolean {
  return status?.services.some(({ kind, state }) => kind === "job" && state === "starting") ?? false;
}
