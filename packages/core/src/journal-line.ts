// The lines of the gateway's journal, version 1: what control imports and a restarted gateway replays. A line is the length of its JSON
// in base 36 (counted in UTF-16 units, which cost nothing to count), a space, the JSON, a line feed. A line whose length is wrong was
// torn by a crash or a full disk and is skipped.
//
// Version 1 has grown once, at its ends, so that a program one release older or newer reads the same files: calls used to be known by the
// request id of their client, which many calls may share. Where that stood stands an id of the ledger's own, and the client's comes last;
// in a line that has none, both are the one that is there.
import { unpackRecord, type PackedRecord } from "./journal-record.ts";
import type { LedgerCost, LedgerRecord } from "./ledger-record.ts";
import type { ProcessIdentity } from "./observation.ts";

/** The format that this program writes and the only one that it reads. */
export const JOURNAL_VERSION = 1;

/** Every journal file ends so. */
export const JOURNAL_SUFFIX = ".journal";

/** The file beside the journals in which control says how much of each it has imported. */
export const CONFIRMED_FILE = "confirmed.json";

/** How many bytes of each journal file control has imported, by the file's name. */
export interface ConfirmedJournals {
  readonly files: Readonly<Record<string, number>>;
}

/** What one limit counted of a call; with the wall time at which the budget's period began where it is a budget. */
export type LimitShare =
  | readonly [limitId: string, amount: number]
  | readonly [limitId: string, amount: number, periodStart: number];

/** Whom a call is for. */
export interface CallSubjects {
  readonly app: string;
  readonly key: string;
  readonly tenant: string;
  readonly route: string;
  readonly model: string;
  readonly backend: string;
  readonly provider: string;
  readonly providerModel: string;
}

/** First line of each file. */
export interface OpenLine {
  readonly v: typeof JOURNAL_VERSION;
  readonly type: "open";
  /** One worker in one life of its process. */
  readonly writer: string;
  readonly worker: number;
  readonly identity: ProcessIdentity;
  /** Writers whose open calls this file settles, all of them: they had died. */
  readonly settles?: readonly string[];
}

/**
 * In the file the subjects are a row of texts and the id is named `request`. A call is sent, or reserves more than before: the newest
 * line of a call stands for all before.
 */
export interface ReserveLine {
  readonly v: typeof JOURNAL_VERSION;
  readonly type: "reserve";
  /** The ledger's own: no other call ever has it. */
  readonly id: string;
  /** As the client knows it; other calls may have the same. */
  readonly requestId: string;
  /** Wall time at which its limits were reserved. */
  readonly at: number;
  readonly subjects: CallSubjects;
  /** At most so many; what a lost call is settled at. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of so many tokens, with what earlier attempts of the call have cost. */
  readonly cost: LedgerCost;
  readonly limits: readonly LimitShare[];
}

/** A call has ended. In the file the record is packed (`journal-record.ts`). */
export interface SettleLine {
  readonly v: typeof JOURNAL_VERSION;
  readonly type: "settle";
  readonly at: number;
  readonly reservedAt: number;
  readonly limits: readonly LimitShare[];
  readonly record: LedgerRecord;
}

/** What the writer has spent of each budget in the period named; before it stand the reserve lines of all calls that are open. */
export interface SumsLine {
  readonly v: typeof JOURNAL_VERSION;
  readonly type: "sums";
  readonly at: number;
  readonly openLines: number;
  readonly spent: readonly (readonly [limitId: string, amount: number, periodStart: number])[];
}

/** Any line. */
export type JournalLine = OpenLine | ReserveLine | SettleLine | SumsLine;

/** Lines as they stand in the file. */
type WrittenLine =
  | OpenLine
  | SumsLine
  | (Omit<ReserveLine, "subjects" | "id" | "requestId"> & {
      readonly subjects: PackedSubjects;
      readonly request: string;
      readonly requestId?: string;
    })
  | (Omit<SettleLine, "record"> & { readonly record: PackedRecord });

type PackedSubjects = readonly [
  app: string,
  key: string,
  tenant: string,
  route: string,
  model: string,
  backend: string,
  provider: string,
  providerModel: string,
];

/** A line as it is written. The JSON holds no line feed. */
export function frameJournalLine(json: string): string {
  return `${json.length.toString(36)} ${json}\n`;
}

/** A line without its line feed; undefined when it is torn or of another version. */
export function readJournalLine(line: string): JournalLine | undefined {
  const space = line.indexOf(" ");
  if (space <= 0 || Number.parseInt(line.slice(0, space), 36) !== line.length - space - 1) return undefined;
  try {
    const value = JSON.parse(line.slice(space + 1)) as WrittenLine;
    if (value.v !== JOURNAL_VERSION) return undefined;
    if (value.type === "settle") return { ...value, record: unpackRecord(value.record) };
    if (value.type !== "reserve") return value;
    const { request: id, requestId = id, subjects, ...rest } = value;
    return { ...rest, id, requestId, subjects: unpackSubjects(subjects) };
  } catch {
    return undefined;
  }
}

function unpackSubjects([
  app,
  key,
  tenant,
  route,
  model,
  backend,
  provider,
  providerModel,
]: PackedSubjects): CallSubjects {
  return { app, key, tenant, route, model, backend, provider, providerModel };
}
