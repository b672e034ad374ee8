// What a gateway that starts learns from the journals of those before it: what was spent, what counts in the rates, and which calls were
// in flight when they died. Those are settled at what they had reserved, marked as lost, in a file of their own that control imports.
//
// It may die itself at any point. The lost calls come into being with the rename of one whole file that names the writers it settles; the
// sums are carried on by the rename of another that names the writers it has absorbed. Either was done or is done again from the start. A disk
// that takes neither keeps nobody from being served: what was found is known in memory, and the replay is to be done again later.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  frameJournalLine,
  JOURNAL_VERSION,
  quoteRecord,
  type OpenLine,
  type ProcessIdentity,
  type ReserveLine,
  type SumsLine,
} from "@flyball/core";
import { replaceFileSync } from "@flyball/wire";
import { buildLostRecord } from "./build-record.ts";
import {
  addShares,
  addSpent,
  foldJournal,
  type FoldedJournal,
  type RateCount,
  type SpentBudgets,
} from "./fold-journal.ts";
import { journalFileName, parseJournalFileName } from "./journal-disk.ts";
import { settleJson } from "./journal-json.ts";
import { readJson, readRates, type RatesDump } from "./rates-file.ts";
import { readJournalTail, readOpenLine } from "./read-journal-tail.ts";

/** What a replay is made with. */
export interface ReplayOptions {
  readonly folder: string;
  /** A name that no writer had: of the file of lost calls. */
  readonly writer: string;
  readonly identity: ProcessIdentity;
  /** Wall milliseconds. */
  readonly now: number;
  /** Whether a writer is at work: a gateway that is handing over, a worker of this one. Its open calls are left alone. */
  readonly isAlive: (open: OpenLine) => boolean;
}

/** What was found. */
export interface Replayed {
  /** By id of the limit, with what calls that still run elsewhere have reserved. To be restored if the period is still the current one. */
  readonly spent: SpentBudgets;
  /** At its time; undefined: there was none, the counts are all that is known. */
  readonly ratesDump: RatesDump | undefined;
  /** Since the dump. Some may be counted twice in the last 20 ms before it: never too little. */
  readonly rateCounts: readonly RateCount[];
  readonly lostCalls: number;
  readonly tornLines: number;
  /** Why the disk did not take it: nothing is settled or carried on there yet. Once it can be written, replay again. */
  readonly unwritten?: Error;
}

/** Which writers' sums stand in `spent` already. */
export interface Absorbed {
  readonly writers: readonly string[];
  readonly spent: readonly (readonly [limitId: string, amount: number, periodStart: number])[];
}

interface FoundWriter {
  readonly open: OpenLine;
  /** absorbed: its sums and open calls are known; it is read only for what counted in the rates since the dump. */
  readonly state: "alive" | "dead" | "absorbed";
  readonly folded: FoldedJournal;
}

/** Beside the journals. */
export const ABSORBED_FILE = "absorbed.json";
/** A count that was made this long before the dump may not be in it: its time was read before the lock was taken. */
const DUMP_OVERLAP_MS = 20;
/** Without a dump: so much of the journal is read for the rates. */
const WITHOUT_DUMP_MS = 60_000;
/** Sums of budgets that began longer ago are thrown away: no period is longer than a month. */
const LONGEST_PERIOD_MS = 40 * 86_400_000;

/** Replays, settles what was lost and carries the sums on. Reads and writes synchronously: nothing is served yet. Throws when it cannot read. */
export function replayJournals(options: ReplayOptions): Replayed {
  const { folder, now } = options;
  const absorbed = readJson<Absorbed>(join(folder, ABSORBED_FILE)) ?? { writers: [], spent: [] };
  const ratesDump = readRates(folder);
  const since = ratesDump === undefined ? now - WITHOUT_DUMP_MS : ratesDump.at - DUMP_OVERLAP_MS;
  const files = journalFiles(folder);
  const { found, torn } = findWriters(options, files, { absorbed: new Set(absorbed.writers), since });
  const dead = found.filter(({ state }) => state === "dead");
  const settled = new Set(found.flatMap(({ open }) => open.settles ?? []));
  const lost = openCallsOf(dead, settled);
  const spent: SpentBudgets = new Map();
  for (const [id, amount, periodStart] of absorbed.spent) {
    if (periodStart > now - LONGEST_PERIOD_MS) spent.set(id, { amount, periodStart });
  }
  for (const { folded } of dead) for (const [id, budget] of folded.spent) addSpent(spent, id, budget);
  for (const { limits } of lost) addShares(spent, limits);
  const gone = dead.map(({ open }) => open.writer);
  const kept = absorbed.writers.filter((writer) => files.has(writer));
  const unwritten = failureOf(() => {
    if (lost.length > 0) writeLostCalls(options, lost, gone);
    const next: Absorbed = {
      writers: [...kept, ...gone, ...(lost.length > 0 ? [options.writer] : [])],
      spent: [...spent].map(([id, { amount, periodStart }]) => [id, amount, periodStart] as const),
    };
    replaceFileSync(join(folder, ABSORBED_FILE), JSON.stringify(next));
  });
  const alive = found.filter(({ state }) => state === "alive");
  for (const { folded } of alive) for (const [id, budget] of folded.spent) addSpent(spent, id, budget);
  for (const { limits } of openCallsOf(alive, settled)) addShares(spent, limits);
  const rateCounts = found.flatMap(({ open, folded }) => (open.settles ? [] : folded.rates));
  const failure = unwritten === undefined ? {} : { unwritten };
  return { spent, ratesDump, rateCounts, lostCalls: lost.length, tornLines: torn, ...failure };
}

/**
 * Settles the open calls of writers that died while their gateway lives on: a worker thread. The limits are not touched: the main thread
 * has taken them back from the worker's row. Answers how many calls there were; throws when the disk does not take it, and then is to be
 * called again.
 */
export function settleDeadWriters(
  options: Omit<ReplayOptions, "isAlive"> & { readonly writers: readonly string[] },
): number {
  const files = journalFiles(options.folder);
  const named = new Map(
    options.writers.flatMap((writer) => (files.has(writer) ? [[writer, files.get(writer) ?? []]] : [])),
  );
  const isAlive = (): boolean => false;
  const all = { absorbed: new Set<string>(), since: Number.POSITIVE_INFINITY };
  const { found } = findWriters({ ...options, isAlive }, named, all);
  const lost = openCallsOf(found, new Set());
  if (lost.length > 0) writeLostCalls(options, lost, options.writers);
  return lost.length;
}

function failureOf(write: () => void): Error | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Paths by writer, in the order of their making. */
function journalFiles(folder: string): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const name of namesIn(folder).toSorted()) {
    const writer = parseJournalFileName(name)?.writer;
    if (writer === undefined) continue;
    const known = files.get(writer);
    if (known) known.push(join(folder, name));
    else files.set(writer, [join(folder, name)]);
  }
  return files;
}

/** None in a folder that nobody has made yet. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function findWriters(
  { isAlive }: ReplayOptions,
  files: ReadonlyMap<string, readonly string[]>,
  { absorbed, since }: { readonly absorbed: ReadonlySet<string>; readonly since: number },
): { found: readonly FoundWriter[]; torn: number } {
  const found: FoundWriter[] = [];
  let torn = 0;
  for (const [writer, paths] of files) {
    const isAbsorbed = absorbed.has(writer);
    if (isAbsorbed && !isNewerThan(paths.at(-1) as string, since)) continue;
    // A writer whose first line is not there has written nothing else either: files grow from their start.
    const open = readOpenLine(paths[0] as string) ?? readOpenLine(paths.at(-1) as string);
    if (!open) continue;
    const tail = readJournalTail(paths, since);
    torn += tail.torn;
    const state = isAbsorbed ? "absorbed" : isAlive(open) ? "alive" : "dead";
    found.push({ open, state, folded: foldJournal(tail, since) });
  }
  return { found, torn };
}

function isNewerThan(path: string, since: number): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since;
}

/** What writers have open, less those whose open calls a file of lost calls has settled. */
function openCallsOf(writers: readonly FoundWriter[], settled: ReadonlySet<string>): readonly ReserveLine[] {
  return writers.flatMap(({ open, folded }) => (settled.has(open.writer) ? [] : [...folded.open.values()]));
}

function writeLostCalls(
  { folder, writer, identity, now }: Omit<ReplayOptions, "isAlive">,
  lost: readonly ReserveLine[],
  settles: readonly string[],
): void {
  const open: OpenLine = { v: JOURNAL_VERSION, type: "open", writer, worker: -1, identity, settles };
  const spent: SpentBudgets = new Map();
  const lines = lost.map((line) => {
    addShares(spent, line.limits);
    const shares = JSON.stringify(line.limits).slice(1, -1);
    const record = buildLostRecord(line);
    return settleJson({ at: now, reservedAt: line.at, shares, record, quoted: quoteRecord(record) });
  });
  const sums: SumsLine = {
    v: JOURNAL_VERSION,
    type: "sums",
    at: now,
    openLines: 0,
    spent: [...spent].map(([id, { amount, periodStart }]) => [id, amount, periodStart] as const),
  };
  const text = [JSON.stringify(open), ...lines, JSON.stringify(sums)].map((json) => frameJournalLine(json)).join("");
  replaceFileSync(join(folder, journalFileName(writer, 1)), text);
}
