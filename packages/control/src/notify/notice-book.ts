// From incidents as they are to what people are told. Pure: it looks at what is open now and at what it remembers, never at how it came to be,
// so a restart of control loses nothing and tells nothing twice. One thread is one fault at one place; what comes and goes stays in its
// thread. An end is told only after it held for a while: a fault that is back before that was no end.
import type { Incident, NoticeSeverity } from "@flyball/core";
import { noticeEntry, threadKey } from "./notice-entry.ts";
import type { NoticeDraft, NoticeEntry, NoticeKind } from "./notice.ts";
import { isAtLeast } from "./severity.ts";

/** An end that held this long is told. */
export const END_HOLD_MS = 60_000;
/** So many beginnings within the window are flapping; its end is told when it was quiet for the same time as the window. */
export const FLAP_EPISODES = 3;
export const FLAP_WINDOW_MS = 600_000;
/** Evidence that was not seen for this long is missing; it is told at most once in a window. */
export const EVIDENCE_INTERVAL_MS = 5_000;
/** Threads that are remembered; the one that was quiet longest goes. */
const MAX_THREADS = 1_000;

/** One fault at one place with all that was told of it. Times are wall milliseconds. */
export interface Thread {
  readonly incidentId: string;
  readonly entry: NoticeEntry;
  /** When its episodes began, as far as they matter for flapping. */
  readonly episodes: readonly number[];
  readonly isFlapping: boolean;
  /** When it was seen to be over. */
  readonly overAt?: number;
  /** Absent: nothing was told of this episode. */
  readonly toldAt?: number;
  readonly toldSeverity?: NoticeSeverity;
  readonly missingToldAt?: number;
  /** Its end was told; it is remembered for flapping only. */
  readonly isDone?: true;
}

/** All threads by key. */
export type NoticeBook = Readonly<Record<string, Thread>>;

/** What there is now. */
export interface BookInput {
  readonly now: number;
  readonly open: readonly Incident[];
  /** The final form of an incident that is not open any more. */
  readonly find: (id: string) => Incident | undefined;
  /** Since when its evidence is not seen; undefined: it is. */
  readonly missingSince: (incident: Incident) => number | undefined;
  readonly groupWaitMs: number;
  /** 0: never. */
  readonly repeatMs: number;
}

/** The book after this moment, and what is to be told now. */
export function advanceBook(
  book: NoticeBook,
  input: BookInput,
): { readonly book: NoticeBook; readonly drafts: readonly NoticeDraft[] } {
  const threads = new Map(Object.entries(book));
  const byIncident = new Map([...threads].map(([key, thread]) => [thread.incidentId, key]));
  const openIds = new Set(input.open.map(({ id }) => id));
  for (const incident of input.open) {
    const known = byIncident.get(incident.id);
    const key = known ?? keyFor(incident, threads, openIds);
    const step = known === undefined ? begin : follow;
    threads.set(key, step(threads.get(key), incident, { key, input }));
  }
  for (const [key, thread] of threads) {
    if (thread.overAt !== undefined || openIds.has(thread.incidentId)) continue;
    threads.set(key, end(thread, input));
  }
  const drafts = tell(threads, input);
  forget(threads, input.now);
  return { book: Object.fromEntries(threads), drafts };
}

/** Two open incidents of one class and place are two threads. */
function keyFor(incident: Incident, threads: ReadonlyMap<string, Thread>, openIds: ReadonlySet<string>): string {
  const key = threadKey(incident);
  const other = threads.get(key);
  return other !== undefined && openIds.has(other.incidentId) ? `${key}#${incident.id}` : key;
}

interface At {
  readonly key: string;
  readonly input: BookInput;
}

/** A new episode: of a thread that is not over for long enough, or of a new one. */
function begin(before: Thread | undefined, incident: Incident, { key, input }: At): Thread {
  const { now } = input;
  const recent = (before?.episodes ?? []).filter((at) => now - at < FLAP_WINDOW_MS);
  const episodes = [...recent, now].slice(-20);
  const entry = noticeEntry(incident, key);
  if (before === undefined || before.isDone === true) {
    const count = episodes.length === 1 ? {} : { episodes: episodes.length };
    return { incidentId: incident.id, entry: { ...entry, ...count }, episodes, isFlapping: false };
  }
  const { overAt: _over, ...rest } = before;
  const count = (before.entry.episodes ?? 1) + 1;
  return {
    ...rest,
    incidentId: incident.id,
    entry: { ...entry, startedAt: before.entry.startedAt, severity: worse(before.entry, entry), episodes: count },
    episodes,
  };
}

/** An episode that goes on. */
function follow(thread: Thread | undefined, incident: Incident, at: At): Thread {
  if (thread === undefined) return begin(undefined, incident, at);
  const entry = noticeEntry(incident, at.key);
  const missing = at.input.missingSince(incident);
  const isMissing = missing !== undefined && at.input.now - missing >= EVIDENCE_INTERVAL_MS;
  return {
    ...thread,
    entry: {
      ...entry,
      startedAt: thread.entry.startedAt,
      severity: worse(thread.entry, entry),
      ...(thread.entry.episodes === undefined ? {} : { episodes: thread.entry.episodes }),
      ...(isMissing ? { dataMissingSince: missing } : {}),
    },
  };
}

function end(thread: Thread, { find, now }: BookInput): Thread {
  const incident = find(thread.incidentId);
  const { dataMissingSince: _missing, ...before } = thread.entry;
  const final = incident === undefined ? { ...before, endedAt: now } : noticeEntry(incident, before.key);
  // Called off before anybody was told: it followed from another fault, or was none.
  const isCalledOff = thread.toldAt === undefined && incident?.state === "closed";
  return {
    ...thread,
    ...(isCalledOff ? { isDone: true } : {}),
    overAt: now,
    entry: {
      ...final,
      endedAt: final.endedAt ?? now,
      startedAt: before.startedAt,
      severity: worse(before, final),
      ...(before.episodes === undefined ? {} : { episodes: before.episodes }),
    },
  };
}

function worse(a: NoticeEntry, b: NoticeEntry): NoticeSeverity {
  return isAtLeast(a.severity, b.severity) ? a.severity : b.severity;
}

/** What is due, one notice for each kind; marks it as told. */
function tell(threads: Map<string, Thread>, input: BookInput): NoticeDraft[] {
  const { now } = input;
  const due = new Map<NoticeKind, string[]>();
  const isGroupDue = [...threads.values()].some(
    (thread) => isUntold(thread) && now - (thread.episodes.at(-1) ?? now) >= input.groupWaitMs,
  );
  for (const [key, thread] of threads) {
    const kind = dueKind(thread, input, isGroupDue);
    if (kind !== undefined) due.set(kind, [...(due.get(kind) ?? []), key]);
  }
  return [...due].map(([kind, keys]) => {
    const entries = keys.flatMap((key) => {
      const thread = threads.get(key);
      if (thread === undefined) return [];
      threads.set(key, told(thread, kind, now));
      return kind === "resolved" ? [thread.entry] : [stillFiring(thread.entry)];
    });
    return { kind, at: now, entries };
  });
}

function isUntold({ toldAt, isDone }: Thread): boolean {
  return toldAt === undefined && isDone !== true;
}

function dueKind(thread: Thread, input: BookInput, isGroupDue: boolean): NoticeKind | undefined {
  const { now } = input;
  if (thread.isDone === true) return undefined;
  const isFlapping = thread.episodes.filter((at) => now - at < FLAP_WINDOW_MS).length >= FLAP_EPISODES;
  if (isFlapping && !thread.isFlapping && thread.overAt === undefined) return "flapping";
  if (thread.toldAt === undefined) return isGroupDue ? "opened" : undefined;
  if (thread.overAt !== undefined) {
    const heldMs = thread.isFlapping ? FLAP_WINDOW_MS : END_HOLD_MS;
    return now - thread.overAt >= heldMs ? "resolved" : undefined;
  }
  if (thread.toldSeverity !== undefined && !isAtLeast(thread.toldSeverity, thread.entry.severity)) return "worse";
  const isMissing = thread.entry.dataMissingSince !== undefined;
  if (isMissing && now - (thread.missingToldAt ?? 0) >= FLAP_WINDOW_MS) return "data-missing";
  return input.repeatMs > 0 && now - thread.toldAt >= input.repeatMs ? "repeat" : undefined;
}

function told(thread: Thread, kind: NoticeKind, now: number): Thread {
  if (kind === "resolved") return { ...thread, isDone: true };
  return {
    ...thread,
    toldAt: now,
    toldSeverity: thread.entry.severity,
    ...(kind === "flapping" ? { isFlapping: true } : {}),
    ...(kind === "data-missing" ? { missingToldAt: now } : {}),
  };
}

/** It was over before it was told: that it began is told first, its end when it has held. */
function stillFiring({ endedAt: _ended, isClosed: _closed, totalMs: _total, ...entry }: NoticeEntry): NoticeEntry {
  return entry;
}

function forget(threads: Map<string, Thread>, now: number): void {
  for (const [key, thread] of threads) {
    if (thread.isDone === true && now - (thread.episodes.at(-1) ?? 0) >= FLAP_WINDOW_MS) threads.delete(key);
  }
  const quietFirst = [...threads].toSorted(([, a], [, b]) => (a.overAt ?? now) - (b.overAt ?? now));
  for (const [key] of quietFirst.slice(0, Math.max(0, threads.size - MAX_THREADS))) threads.delete(key);
}
