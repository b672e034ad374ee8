// Carries out one rung of an incident. Restarts and replacements are only asked for here: the reconciler does them with everything else that it does
// for the service, so two hands never pull at one instance.
import { assertNever, type Incident } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { judge } from "../decide/guards/judge.ts";
import type { NextStep } from "../decide/ladder.ts";
import { backOffMs } from "../decide/restart-policy.ts";
import { replicasField } from "../desired/effective-spec.ts";
import { writeOverride } from "../desired/override-book.ts";
import { instanceName, type Instance } from "../observe/instance.ts";
import { storedSlot } from "../observe/slot.ts";
import type { ServiceView } from "../reconcile/service-view.ts";
import { composeText, storedText } from "../texts/compose-text.ts";
import { rollBack } from "./roll-back.ts";
import { HEALING_ACTOR, situationOf } from "./situation-of.ts";

type Step = Extract<NextStep, { readonly kind: "step" }>;

/** How long an instance that does badly is asked to end before it is killed. */
const GRACE_MS = 3_000;
/** An engine that takes no step finishes nothing, however long it is given. */
const STALLED_GRACE_MS = 1_000;
/** A process that answers nothing hears no signal either. It has had this long, from its last sign of life, to prove the opposite. */
const FROZEN_MS = 5_000;
/** Before a living instance of a service that needs others is restarted: time for the fault of another to show itself. */
const HOLD_MS = 3_000;
/** The end of one more instance; what is needed longer is a person's decision. */
const SCALED_MS = 3_600_000;

/** Carries it out and writes it down. */
export function takeStep(
  context: ControlContext,
  {
    incident,
    step,
    victim,
  }: { readonly incident: Incident; readonly step: Step; readonly victim: Instance | undefined },
): void {
  const { rung, reason, next } = step;
  const following = next === undefined ? {} : { next };
  const { service } = incident.subject;
  switch (rung) {
    case "ask":
      context.incidents.act(incident.id, { action: "advise", reason, rung, isAdvice: true });
      return;
    case "eject":
    case "retry": {
      // The gateway's own ejection lets trials through: firmer than that would only hide that it works again.
      const isDone = victim?.isEjectedByGateway === true;
      const action = isDone ? "ejected" : rung;
      const why = isDone ? composeText("heal.ejected") : reason;
      context.incidents.act(incident.id, { action, reason: why, rung, ...following });
      break;
    }
    case "restart":
      if (victim === undefined) return;
      scheduleRestart(context, { incident, victim, next: following });
      break;
    case "replace":
    case "move":
      if (victim === undefined) return;
      victim.isToBeReplaced = true;
      context.incidents.act(incident.id, { action: rung, reason, rung, ...following });
      break;
    case "scale": {
      const replicas = (context.effective()?.spec.services[service]?.replicas ?? 0) + 1;
      context.incidents.act(incident.id, {
        action: rung,
        reason,
        rung,
        ...following,
        undo: `flyball scale ${service} auto`,
      });
      writeOverride(context, {
        field: replicasField(service),
        value: replicas,
        actor: HEALING_ACTOR,
        reason,
        expiresAt: context.clock.now() + SCALED_MS,
        evidence: { incident: incident.number, seen: step.evidence },
      });
      break;
    }
    case "roll-back": {
      const from = context.state.revision?.number ?? 0;
      context.incidents.act(incident.id, {
        action: rung,
        reason,
        rung,
        ...following,
        undo: `flyball rollback --to ${from}`,
      });
      rollBack(context, incident);
      break;
    }
    default:
      assertNever(rung);
  }
  note(context, incident, rung);
}

/**
 * An instance that was restarted in its incident is unhealthy again: it is tried again by the back-off, for as long as it takes, while the ladder goes
 * on above. Returns whether it was scheduled.
 */
export function restartAgain(
  context: ControlContext,
  {
    incident,
    victim,
    views,
  }: { readonly incident: Incident; readonly victim: Instance; readonly views: readonly ServiceView[] },
): boolean {
  const slot = context.state.table.slot(victim.service, victim.ordinal);
  const wasRestarted = incident.actions.some(({ rung, isAdvice }) => rung === "restart" && isAdvice !== true);
  if (!wasRestarted || slot.handle === victim.handle || victim.isToBeReplaced) return false;
  const situation = { ...situationOf(context, { incident, rung: "restart", views }), isRepeat: true as const };
  if (judge(situation).kind !== "ok") return false;
  scheduleRestart(context, { incident, victim, next: {} });
  note(context, incident, "restart");
  return true;
}

function scheduleRestart(
  context: ControlContext,
  {
    incident,
    victim,
    next,
  }: { readonly incident: Incident; readonly victim: Instance; readonly next: Pick<Step, "next"> },
): void {
  const { state, clock, random, store, incidents } = context;
  const spec = context.effective()?.spec.services[victim.service];
  if (spec === undefined) return;
  const slot = state.table.slot(victim.service, victim.ordinal);
  const now = clock.now();
  const isFrozen = incident.class === "frozen" && victim.phase === "unhealthy";
  let delayMs = 0;
  if (victim.phase === "unhealthy") {
    const isFirst = now - victim.startedAt >= spec.restart.resetAfterMs;
    const crashes = isFirst ? 1 : slot.history.crashes + 1;
    delayMs = backOffMs(spec.restart, crashes, random);
    slot.history = { ...slot.history, crashes };
    slot.isCrashLoop = crashes >= spec.restart.crashLoopAfter;
  }
  // One that a signal has stopped hears nobody until somebody continues it: there is nothing to wait for.
  if (isFrozen && !victim.isStopped) delayMs = Math.max(delayMs, victim.lastSignAt + FROZEN_MS - now);
  else if (!isFrozen && spec.dependsOn.length > 0) delayMs = Math.max(delayMs, HOLD_MS);
  slot.isExcused = false;
  slot.handle = victim.handle;
  slot.graceMs = isFrozen ? 0 : incident.class === "engine-stalled" ? STALLED_GRACE_MS : GRACE_MS;
  slot.restartAt = now + delayMs;
  slot.reason =
    victim.phase === "unhealthy" && victim.lastProbe !== undefined
      ? composeText("probe.failed", {
          instance: instanceName(victim),
          failures: victim.failedProbes,
          transcript: storedText(victim.lastProbe, "transcript"),
        })
      : storedText(incident, "summary");
  store.slots.put(storedSlot(slot));
  const reason = composeText("action.restart-in", { reason: slot.reason, delayMs: Math.round(delayMs) });
  incidents.act(incident.id, { action: "restart", reason, rung: "restart", ...next });
}

function note({ state, clock }: ControlContext, { subject }: Incident, rung: Step["rung"]): void {
  const { service, ordinal } = subject;
  state.healing.done.push({ at: clock.now(), service, rung, ...(ordinal === undefined ? {} : { ordinal }) });
}
