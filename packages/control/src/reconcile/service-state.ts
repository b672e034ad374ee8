// The state of a service and of an instance as people read it. Starting is never shown as failed, unhealthy never as ready.
import type { ComposedText, LifecycleState } from "@flyball/core";
import type { Instance } from "../observe/instance.ts";
import type { Slot } from "../observe/slot.ts";
import { describeExit } from "../decide/restart-policy.ts";
import { composeText, storedText } from "../texts/compose-text.ts";
import { currentInstances, type ServiceView } from "./service-view.ts";

/** A state with its reason; a state that is not good always has one. */
export interface StateWithReason {
  readonly state: LifecycleState;
  readonly reason?: ComposedText;
}

/** The state of a service. */
export function serviceState(view: ServiceView): StateWithReason {
  if (view.spec?.external !== undefined) return { state: "ready" };
  if (view.spec?.kind === "job") return jobState(view);
  const active = view.instances.filter((instance) => instance.phase !== "exited");
  const desired = view.desiredHash === undefined ? 0 : (view.spec?.replicas ?? 0);
  if (desired === 0) {
    return active.length === 0
      ? { state: "stopped" }
      : { state: "draining", reason: composeText("reason.being-stopped") };
  }
  const ready = view.instances.filter((instance) => instance.phase === "ready");
  const trouble = troubleOf(view);
  if (ready.length >= desired) return { state: "ready" };
  if (ready.length > 0) {
    if (trouble === undefined && view.room !== undefined) return { state: "degraded", reason: view.room.reason };
    if (trouble === undefined)
      return { state: "starting", reason: composeText("reason.ready-count", { ready: ready.length, desired }) };
    return { state: "degraded", reason: trouble.reason };
  }
  if (trouble !== undefined) return trouble;
  const excused = view.slots.find((slot) => slot.isExcused && slot.reason !== undefined);
  if (excused?.reason !== undefined) return { state: "starting", reason: excused.reason };
  if (currentInstances(view).length > 0 || view.isStarting) return { state: "starting", reason: startingReason(view) };
  return waitingState(view);
}

/** Nothing runs and nothing has gone wrong: it waits for others, for room, or for its turn. */
function waitingState({ gate, room }: ServiceView): StateWithReason {
  if (gate.kind === "failed") return { state: "failed", reason: gate.reason };
  if (gate.kind === "waiting") return { state: "pending", reason: gate.reason };
  if (room !== undefined) return { state: "no-room", reason: room.reason };
  return { state: "pending", reason: composeText("reason.about-to-start") };
}

/** The state of one instance. */
export function instanceState(instance: Instance, slot: Slot | undefined): StateWithReason {
  const isAwaited = slot?.handle === instance.handle;
  switch (instance.phase) {
    case "starting":
      return { state: "starting", reason: lastTranscript(instance) ?? composeText("reason.not-probed") };
    case "ready":
      return { state: "ready" };
    case "unhealthy":
      return { state: "unhealthy", reason: lastTranscript(instance) ?? slot?.reason ?? composeText("state.unhealthy") };
    case "draining":
    case "stopping":
      return { state: "draining" };
    case "exited": {
      const how = instance.exit === undefined ? composeText("reason.exited") : describeExit(instance.exit);
      if (isAwaited && slot.isExcused) return { state: "starting", reason: slot.reason ?? how };
      if (isAwaited && slot.isCrashLoop) return { state: "crash-loop", reason: slot.reason ?? how };
      return { state: isAwaited ? "failed" : "stopped", reason: isAwaited ? (slot.reason ?? how) : how };
    }
  }
}

function jobState(view: ServiceView): StateWithReason {
  const run = view.jobRun;
  if (run?.state === "completed") return { state: "completed" };
  if (run?.state === "failed")
    return { state: "failed", reason: storedText(run, "reason") ?? composeText("reason.job-failed") };
  if (run?.state === "running" || view.isStarting) {
    const waiting = view.slots.find((slot) => slot.restartAt !== undefined);
    return { state: "starting", reason: waiting?.reason ?? composeText("reason.job-runs") };
  }
  if (view.startFailure !== undefined) return { state: "failed", reason: view.startFailure };
  return waitingState(view);
}

function troubleOf(view: ServiceView): Required<StateWithReason> | undefined {
  const loop = view.slots.find((slot) => slot.isCrashLoop);
  if (loop !== undefined) return { state: "crash-loop", reason: loop.reason ?? composeText("state.crash-loop") };
  if (view.startFailure !== undefined) return { state: "failed", reason: view.startFailure };
  const unhealthy = currentInstances(view).find((instance) => instance.phase === "unhealthy");
  if (unhealthy !== undefined)
    return { state: "unhealthy", reason: lastTranscript(unhealthy) ?? composeText("state.unhealthy") };
  const faulty = view.slots.filter((slot) => !slot.isExcused);
  const crashed = faulty.find((slot) => {
    const instance = view.instances.find((candidate) => candidate.handle === slot.handle);
    return (
      slot.handle !== undefined && (instance === undefined || instance.phase === "exited") && slot.reason !== undefined
    );
  });
  const restarted = faulty.find((slot) => slot.history.crashes > 0 && slot.reason !== undefined);
  const slot = crashed ?? restarted;
  return slot === undefined ? undefined : { state: "unhealthy", reason: slot.reason ?? composeText("reason.exited") };
}

function startingReason(view: ServiceView): ComposedText {
  const waiting = currentInstances(view).find((instance) => instance.phase === "starting");
  return (waiting && lastTranscript(waiting)) ?? composeText("reason.not-probed");
}

function lastTranscript({ lastProbe }: Instance): ComposedText | undefined {
  return lastProbe && storedText(lastProbe, "transcript");
}
