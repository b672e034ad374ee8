// Machines out of reach: everything on one of them fell silent together while something elsewhere answers (traffic/detect/unreachable). One incident about
// the machine; what stands on it is listed there, and has none of its own. Machines are told apart by address. What runs on this one is out of
// the question: control stands on it too, and would not be asking.
import type { Incident } from "@flyball/core";
import { findUnreachable, type Contact, type Finding } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { isActive } from "../observe/instance.ts";
import { composeText } from "../texts/compose-text.ts";
import { callOff } from "./call-off.ts";
import { outsidePlaces } from "./outside.ts";
import type { Suspect } from "./suspect.ts";

const LOOPBACK = /^(?:localhost$|127\.|\[?::1\]?$)/u;
const HERE = "";

interface Placed extends Contact {
  readonly service: string;
}

/** Suspects without those that stand on a machine out of reach. */
export function judgeUnreachable(context: ControlContext, suspects: readonly Suspect[]): readonly Suspect[] {
  const contacts = contactsOf(context);
  const found = findUnreachable(contacts, context.clock.now()).filter(({ subject }) => subject !== HERE);
  const gone = new Set<string>();
  for (const finding of found) {
    const there = contacts.filter(({ machine }) => machine === finding.subject);
    const incident = tell(context, finding, there);
    for (const { service } of there) gone.add(service);
    for (const suspect of suspects) {
      const early = gone.has(suspect.subject.service) ? context.incidents.find(suspect.subject) : undefined;
      if (early !== undefined) callOff(context, early, composeText("action.part-of", { number: incident.number }));
    }
  }
  for (const incident of context.incidents.open()) {
    const isOver =
      incident.subject.kind === "machine" && !found.some(({ subject }) => subject === incident.subject.service);
    if (isOver) endMachine(context, incident, contacts);
  }
  return suspects.filter(({ subject }) => !gone.has(subject.service));
}

function contactsOf(context: ControlContext): readonly Placed[] {
  const { state } = context;
  const spec = context.effective()?.spec;
  const instances = state.table.all().flatMap((instance): Placed[] => {
    const host = Object.values(instance.addresses)[0]?.host;
    if (host === undefined || !isActive(instance) || !instance.wasReady) return [];
    const { handle, service, lastSignAt, silentProbes, unhealthySince } = instance;
    const silence = silentProbes > 0 && unhealthySince !== undefined ? { lastSilenceAt: unhealthySince } : {};
    return [{ instance: handle, service, machine: host, lastAnswerAt: lastSignAt, ...silence }];
  });
  const outside = [...(spec === undefined ? [] : outsidePlaces(spec))].flatMap(
    ([pool, { subject, host }]): Placed[] => {
      const record = state.outside.get(subject.service);
      if (record === undefined) return [];
      const { answeredAt, silentAt } = record;
      return [
        {
          instance: pool,
          service: subject.service,
          machine: host,
          ...(answeredAt === undefined ? {} : { lastAnswerAt: answeredAt }),
          ...(silentAt === undefined ? {} : { lastSilenceAt: silentAt }),
        },
      ];
    },
  );
  return [...instances, ...outside].map((contact) =>
    LOOPBACK.test(contact.machine) ? { ...contact, machine: HERE } : contact,
  );
}

function tell(
  context: ControlContext,
  { began, facts, subject: machine }: Finding,
  there: readonly Placed[],
): Incident {
  const { incidents, state } = context;
  const subject = { service: machine, kind: "machine" } as const;
  const known = incidents.find(subject);
  const incident =
    known ??
    incidents.report({
      class: "unreachable",
      subject,
      revision: state.revision?.number ?? 0,
      began: { ...began, source: "evidence" },
      summary: composeText("suspect.unreachable", { subject: machine }),
      evidence: composeText("unreachable.seen", { count: there.length, silentMs: Number(facts["silentMs"] ?? 0) }),
      source: "control",
      dependants: [...new Set(there.map(({ service }) => service))].toSorted().map((service) => ({ service })),
    });
  state.healing.seenAt.set(incident.id, context.clock.now());
  return incident;
}

/** It is over when something on it answers; nothing of the app on it any more: nobody will know. */
function endMachine(
  { incidents, state }: ControlContext,
  { id, subject }: Incident,
  contacts: readonly Placed[],
): void {
  const there = contacts.filter(({ machine }) => machine === subject.service);
  const answeredAt = Math.max(...there.map(({ lastAnswerAt = 0 }) => lastAnswerAt));
  if (there.length === 0) incidents.close(id, composeText("action.not-desired"));
  else if (answeredAt > (state.healing.seenAt.get(id) ?? 0)) incidents.recover(id, answeredAt);
}
