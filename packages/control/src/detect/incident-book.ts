// Opens, extends and ends incidents. One cause is one incident: what follows from an open incident of the same place is added to it as
// evidence. Recovery needs a good window of the incident's own subject; its start, not its end, is the time of recovery.
import {
  createId,
  faultRecoveryTime,
  type Clock,
  type ComposedText,
  type Incident,
  type IncidentBegan,
  type IncidentClass,
  type IncidentSubject,
  type Random,
  type Rung,
} from "@flyball/core";
import type { Store, NewEvent } from "../store/store.ts";
import { composeText, textFields } from "../texts/compose-text.ts";

/** A fault that was seen. */
export interface NewIncident {
  readonly class: IncidentClass;
  readonly subject: IncidentSubject;
  readonly revision: number;
  readonly began: IncidentBegan;
  readonly summary: ComposedText;
  readonly evidence: ComposedText;
  readonly source: string;
  readonly dependants?: readonly IncidentSubject[];
}

/** The incidents of the app. Open ones are also held in memory (at most 500, then the oldest is closed). */
export interface IncidentBook {
  open(): readonly Incident[];
  /** Opens it, or adds the evidence to the open incident of the same subject. */
  report(fault: NewIncident): Incident;
  find(subject: IncidentSubject): Incident | undefined;
  update(id: string, change: (incident: Incident) => Incident): void;
  /** Adds what was seen, or not seen, without opening it anew. */
  note(id: string, seen: { readonly source: string; readonly text: ComposedText }): void;
  act(id: string, action: NewAction): void;
  /** Lists who suffers from it; those that are listed stay. */
  follow(id: string, dependants: readonly IncidentSubject[]): void;
  /** Ends it with the start of its good window. */
  recover(id: string, recoveredAt: number): void;
  /** Ends it without recovery: its subject is gone. */
  close(id: string, reason: ComposedText): void;
}

/** Something that was done, or advised. */
export interface NewAction {
  readonly action: string;
  readonly reason: ComposedText;
  readonly result?: ComposedText;
  /** Of the ladder, and the one that follows if it does not help. */
  readonly rung?: Rung;
  readonly next?: Rung;
  /** Not done: a person may. */
  readonly isAdvice?: true;
  /** The command that takes it back. */
  readonly undo?: string;
}

const MAX_OPEN = 500;
const MAX_NOTES = 50;

/** The book over a store. */
export function createIncidentBook(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly goodWindowMs: number;
  readonly onEvent: (event: NewEvent) => void;
}): IncidentBook {
  const { store, clock } = options;
  const open = new Map<string, Incident>(store.incidents.open().map((incident) => [incident.id, incident]));

  const save = (incident: Incident): void => {
    store.incidents.put(incident);
    if (incident.state === "open" || incident.state === "recovering") open.set(incident.id, incident);
    else open.delete(incident.id);
  };
  const find = (subject: IncidentSubject): Incident | undefined =>
    [...open.values()].find(
      (incident) => incident.subject.service === subject.service && incident.subject.ordinal === subject.ordinal,
    );
  const update = (id: string, change: (incident: Incident) => Incident): void => {
    const incident = open.get(id);
    if (incident !== undefined) save(change(incident));
  };
  const close = (id: string, reason: ComposedText): void =>
    update(id, (incident) => ({
      ...incident,
      state: "closed",
      actions: noted(incident.actions, { at: clock.now(), action: "close", ...textFields({ reason }) }),
    }));

  return {
    open: () => [...open.values()],
    find,
    update,
    close,
    note(id, { source, text }) {
      const note = { at: clock.now(), source, ...textFields({ text }) };
      update(id, (incident) => ({ ...incident, evidence: noted(incident.evidence, note) }));
    },
    report(fault) {
      const at = clock.now();
      const note = { at, source: fault.source, ...textFields({ text: fault.evidence }) };
      const summary = textFields({ summary: fault.summary });
      const known = find(fault.subject);
      if (known !== undefined) {
        // Another fault before the good window was over: the same incident goes on, under the name that says more.
        const { recoveredAt: _recovered, capacityRecoveredAt: _capacity, dataMissingSince: _missing, ...rest } = known;
        const extended: Incident = {
          ...rest,
          ...(fault.class === "crash-loop" ? { class: fault.class } : {}),
          ...(saysMore(fault.class, known.class) ? { class: fault.class, ...summary } : {}),
          ...(fault.class === "bad-release" ? { began: fault.began } : {}),
          state: "open",
          evidence: noted(known.evidence, note),
          ...together(known.dependants, fault.dependants),
        };
        save(extended);
        return extended;
      }
      if (open.size >= MAX_OPEN) close([...open.keys()][0] ?? "", composeText("action.too-many-open"));
      const incident: Incident = {
        id: createId("inc", clock, options.random),
        number: store.incidents.nextNumber(),
        class: fault.class,
        subject: fault.subject,
        revision: fault.revision,
        began: fault.began,
        detectedAt: at,
        goodWindowMs: options.goodWindowMs,
        state: "open",
        ...summary,
        evidence: [note],
        actions: [],
        ...together(undefined, fault.dependants),
      };
      save(incident);
      options.onEvent({
        event: "incident-opened",
        number: incident.number,
        class: incident.class,
        ...summary,
      });
      return incident;
    },
    act(id, { reason, result, ...facts }) {
      const at = clock.now();
      const texts = result === undefined ? textFields({ reason }) : textFields({ reason, result });
      update(id, (incident) => ({
        ...incident,
        decidedAt: incident.decidedAt ?? at,
        ...(facts.isAdvice === true ? {} : { actedAt: incident.actedAt ?? at }),
        actions: noted(incident.actions, { at, ...facts, ...texts }),
      }));
    },
    follow(id, dependants) {
      const known = open.get(id);
      const before = known?.dependants?.length ?? 0;
      const all = together(known?.dependants, dependants);
      if (known === undefined || (all.dependants?.length ?? 0) === before) return;
      save({ ...known, ...all });
    },
    recover(id, recoveredAt) {
      const incident = open.get(id);
      if (incident === undefined) return;
      const { dataMissingSince: _missing, ...known } = incident;
      const recovered: Incident = { ...known, recoveredAt, state: "recovered" };
      save(recovered);
      const times = faultRecoveryTime(recovered);
      options.onEvent({
        event: "incident-recovered",
        number: recovered.number,
        summary: recovered.summary,
        ...(recovered.composed === undefined ? {} : { composed: recovered.composed }),
        totalMs: times.totalMs ?? 0,
        detectionMs: times.detectionMs,
      });
    },
  };
}

/** Seen at the requests or at checks: what is behind it may show itself later. */
const SYMPTOMS: ReadonlySet<Incident["class"]> = new Set([
  "failed-requests",
  "stuck-requests",
  "stuck-streams",
  "slow",
  "failed-health",
]);

/** What fails at the requests may turn out to be the release, that nothing answers there at all, or that the instance stands still. */
export function saysMore(now: Incident["class"], before: Incident["class"]): boolean {
  if (now === "bad-release") return before !== "bad-release";
  if (now === "frozen" || now === "engine-stalled") return SYMPTOMS.has(before);
  return now === "dependency-down" && before === "failed-requests";
}

function together(
  known: readonly IncidentSubject[] | undefined,
  more: readonly IncidentSubject[] | undefined,
): Pick<Incident, "dependants"> {
  const all = new Map([...(known ?? []), ...(more ?? [])].map((subject) => [subject.service, subject]));
  return all.size === 0 ? {} : { dependants: [...all.values()] };
}

function noted<T>(list: readonly T[], entry: T): readonly T[] {
  return list.length < MAX_NOTES ? [...list, entry] : [...list.slice(0, MAX_NOTES - 1), entry];
}
