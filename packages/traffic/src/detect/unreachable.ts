// A whole machine or target out of reach: everything on it fell silent at about the same time, and something elsewhere still answers. Subject: the
// machine. At most: move, once the machine is fenced. One instance alone on a machine is that instance's matter, and when nothing answers anywhere the
// observer is the one that is cut off.
import type { Finding } from "./finding.ts";

/** How one instance was heard of last. Times are wall times; absent: never. */
export interface Contact {
  readonly instance: string;
  readonly machine: string;
  readonly lastAnswerAt?: number;
  /** A probe or request got no answer, after the last answer. */
  readonly lastSilenceAt?: number;
  /** It was seen to end: that is known, and no silence. */
  readonly hasEnded?: boolean;
}

/** Silence that counts, and how far apart the last answers of one machine may lie. */
const SILENT_MS = 2_500;
const TOGETHER_MS = 5_000;
const LEAST_INSTANCES = 2;

/** Machines that are out of reach. Pure: of what is known of all instances now. */
export function findUnreachable(contacts: readonly Contact[], now: number): readonly Finding[] {
  const machines = new Map<string, Contact[]>();
  for (const contact of contacts) {
    if (contact.hasEnded === true || contact.lastAnswerAt === undefined) continue;
    const known = machines.get(contact.machine);
    if (known === undefined) machines.set(contact.machine, [contact]);
    else known.push(contact);
  }
  const silent = [...machines].filter(
    ([, on]) => on.length >= LEAST_INSTANCES && on.every((each) => isSilent(each, now)),
  );
  const isHeardElsewhere = contacts.some(
    (each) => each.hasEnded !== true && now - (each.lastAnswerAt ?? 0) < SILENT_MS,
  );
  if (!isHeardElsewhere) return [];
  return silent.flatMap(([machine, on]) => {
    const answers = on.map(({ lastAnswerAt = 0 }) => lastAnswerAt);
    const lastGood = Math.max(...answers);
    if (lastGood - Math.min(...answers) > TOGETHER_MS) return [];
    const firstBad = Math.max(lastGood, Math.min(...on.map(({ lastSilenceAt = now }) => lastSilenceAt)));
    const facts = { instances: on.length, silentMs: now - lastGood };
    return [{ class: "unreachable", subject: machine, began: { lastGood, firstBad }, facts } satisfies Finding];
  });
}

function isSilent({ lastAnswerAt = 0, lastSilenceAt }: Contact, now: number): boolean {
  return lastSilenceAt !== undefined && lastSilenceAt > lastAnswerAt && now - lastAnswerAt >= SILENT_MS;
}
