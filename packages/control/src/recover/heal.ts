// Climbs the ladder of every open incident: once a pass it asks for the next step and carries it out, or writes down what it advises. It keeps nothing
// of its own, so a control that comes back goes on where things stand.
import type { Incident } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { judge } from "../decide/guards/judge.ts";
import { nextStep } from "../decide/ladder.ts";
import { LADDERS } from "../decide/ladder-table.ts";
import type { ServiceView } from "../reconcile/service-view.ts";
import { HEALING_ACTOR, situationOf, victimOf } from "./situation-of.ts";
import { forgetOld } from "./healing.ts";
import { restartAgain, takeStep } from "./take-step.ts";

/** Where no check says how long a start may take. */
const START_MS = 30_000;

/** Looks at every open incident. */
export function heal(context: ControlContext, views: readonly ServiceView[]): void {
  const { state, incidents, clock } = context;
  forgetOld(state.healing, incidents.open(), clock.now());
  if (state.isStopping || context.effective() === undefined) return;
  for (const incident of incidents.open()) climb(context, incident, views);
}

function climb(context: ControlContext, incident: Incident, views: readonly ServiceView[]): void {
  const { clock, incidents } = context;
  const now = clock.now();
  const view = views.find(({ service }) => service === incident.subject.service);
  const judgeRung = (rung: Parameters<typeof situationOf>[1]["rung"]): ReturnType<typeof judge> =>
    judge(situationOf(context, { incident, rung, views }));
  const victim = victimOf(context, incident);
  if (victim?.phase === "unhealthy" && restartAgain(context, { incident, victim, views })) return;
  const next = nextStep(incident, {
    rungs: LADDERS[incident.class],
    now,
    since: causeSince(context),
    startMs: view?.spec?.healthcheck?.startPeriodMs ?? START_MS,
    judge: judgeRung,
  });
  if (next.kind === "advice") {
    const { rung, reason } = next;
    const following = next.next === undefined ? {} : { next: next.next };
    incidents.act(incident.id, { action: "advise", reason, rung, isAdvice: true, ...following });
  } else if (next.kind === "step") {
    takeStep(context, { incident, step: next, victim });
  }
}

/** A revision of people is another cause: the ladder begins anew. */
function causeSince({ state }: ControlContext): number {
  const { revision } = state;
  return revision === undefined || revision.author === HEALING_ACTOR ? 0 : revision.createdAt;
}
