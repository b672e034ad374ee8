// Spares (`warm`): instances beyond `replicas` that are ready and get no requests. When one of those that do is lost or ejected, the oldest spare is taken
// in with the same pass, and what is started in the lost place is a spare from then on. Who was taken in stays in: requests never move back.
import type { ControlContext } from "../control-context.ts";
import { composeText } from "../texts/compose-text.ts";
import { instanceName, type Instance } from "../observe/instance.ts";
import { ejectedHandles } from "./ejected-handles.ts";

/** Fills up what serves. */
export function takeInSpares(context: ControlContext): void {
  const services = Object.values(context.effective()?.spec.services ?? {}).filter(({ warm }) => warm !== undefined);
  if (services.length === 0) return;
  const ejected = ejectedHandles(context);
  for (const { name, replicas } of services) {
    const ready = context.state.table.of(name).filter(({ phase }) => phase === "ready");
    const isFit = ({ handle, isEjectedByGateway }: Instance): boolean => !isEjectedByGateway && !ejected.has(handle);
    const serving = ready.filter((instance) => instance.isTakenIn && isFit(instance)).length;
    const spares = ready.filter((instance) => !instance.isTakenIn && isFit(instance));
    const oldest = spares.toSorted((a, b) => a.startedAt - b.startedAt || a.ordinal - b.ordinal);
    for (const spare of oldest.slice(0, Math.max(0, replicas - serving))) takeIn(context, spare);
  }
}

/** The capacity of what was lost is there again. */
function takeIn({ incidents, clock }: ControlContext, spare: Instance): void {
  spare.isTakenIn = true;
  const incident = incidents
    .open()
    .find(
      ({ subject, state, capacityRecoveredAt }) =>
        subject.service === spare.service &&
        subject.ordinal !== undefined &&
        subject.ordinal !== spare.ordinal &&
        state === "open" &&
        capacityRecoveredAt === undefined,
    );
  if (incident === undefined) return;
  const now = clock.now();
  incidents.update(incident.id, (known) => ({ ...known, capacityRecoveredAt: now }));
  const text = composeText("action.spare", { instance: instanceName(spare) });
  incidents.note(incident.id, { source: "control", text });
}
