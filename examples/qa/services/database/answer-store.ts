// Answers that a model gave. They begin as candidates that nobody is served, become answers when a person approves them,
// and end at their expiry either way, so that an invention never becomes permanent.
import type { DatabaseSync } from "node:sqlite";
import { normaliseQuestion } from "./normalise-question.ts";
import { inTransaction } from "./open-database.ts";

/** Where an answer stands. */
export type AnswerState = "candidate" | "approved" | "rejected";

/** A source that an answer cites. */
export interface Source {
  readonly id: string;
  readonly title: string;
}

/** What a model answered. */
export interface NewAnswer {
  readonly question: string;
  readonly answer: string;
  readonly model: string;
  readonly revision: string | null;
  readonly sources: readonly Source[];
}

/** A stored answer; times are ISO 8601. */
interface StoredAnswer extends NewAnswer {
  readonly id: number;
  readonly created: string;
  readonly expires: string;
  readonly state: AnswerState;
}

/** The answers of models. */
export interface AnswerStore {
  /**
   * Stores a candidate. A question has one candidate at a time: a second one replaces it only when model or revision
   * differ, so that what a person reviews does not change under their eyes. An answer already judged stays judged.
   */
  add(answer: NewAnswer): StoredAnswer;
  /** The newest hundred in a state. */
  list(state: AnswerState): StoredAnswer[];
  /** Approves or rejects; approval renews the expiry. Null when there is no such answer. */
  judge(id: number, state: "approved" | "rejected"): StoredAnswer | null;
  /** The answer to serve for a question: an approved one, or a candidate where that is allowed. */
  find(question: string): StoredAnswer | null;
}

export interface AnswerStoreOptions {
  readonly database: DatabaseSync;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly timeToLiveMs: number;
  /** Bound for candidates and for rejected answers, each; the oldest go first. Approved ones are bounded by people. */
  readonly maximumCount: number;
  /** Serve candidates that nobody has approved. */
  readonly servesCandidates: boolean;
}

/** Makes the store on an open database. */
export function createAnswerStore(options: AnswerStoreOptions): AnswerStore {
  const { database, now, servesCandidates } = options;
  const byId = database.prepare("SELECT * FROM answers WHERE id = ?");
  const byState = database.prepare("SELECT * FROM answers WHERE state = ? AND expires > ? ORDER BY id DESC LIMIT 100");
  const judgeOne = database.prepare(
    "UPDATE answers SET state = ?1, expires = CASE ?1 WHEN 'approved' THEN ?2 ELSE expires END WHERE id = ?3 AND expires > ?4",
  );
  const servable = database.prepare(`
    SELECT * FROM answers WHERE form = ?1 AND expires > ?2 AND (state = 'approved' OR (?3 AND state = 'candidate'))
    ORDER BY state = 'approved' DESC, id DESC LIMIT 1`);
  const read = (row: Row | undefined): StoredAnswer | null => (row === undefined ? null : toStoredAnswer(row));
  return {
    add: (answer) => inTransaction(database, () => addAnswer(options, answer)),
    list: (state) => byState.all(state, now()).map(toStoredAnswer),
    judge: (id, state) =>
      inTransaction(database, () => {
        const { changes } = judgeOne.run(state, now() + options.timeToLiveMs, id, now());
        return changes === 0 ? null : read(byId.get(id));
      }),
    find: (question) => read(servable.get(normaliseQuestion(question), now(), servesCandidates ? 1 : 0)),
  };
}

function addAnswer(options: AnswerStoreOptions, answer: NewAnswer): StoredAnswer {
  const { database, now, timeToLiveMs, maximumCount } = options;
  const form = normaliseQuestion(answer.question);
  database.prepare("DELETE FROM answers WHERE expires <= ?").run(now());
  const rows = database.prepare("SELECT * FROM answers WHERE form = ?").all(form).map(toStoredAnswer);
  const judged = rows.find((row) => row.state !== "candidate" && row.answer === answer.answer);
  if (judged !== undefined) return judged;
  const waiting = rows.find((row) => row.state === "candidate");
  if (waiting !== undefined && waiting.model === answer.model && waiting.revision === answer.revision) return waiting;
  if (waiting !== undefined) database.prepare("DELETE FROM answers WHERE id = ?").run(waiting.id);
  const { question, answer: text, model, revision, sources } = answer;
  const inserted = database
    .prepare(
      `INSERT INTO answers (question, form, answer, model, revision, sources, created, expires, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'candidate') RETURNING *`,
    )
    .get(question, form, text, model, revision, JSON.stringify(sources), now(), now() + timeToLiveMs);
  const dropOldest = database.prepare(
    "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE state = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
  );
  for (const state of ["candidate", "rejected"]) dropOldest.run(state, maximumCount);
  return toStoredAnswer(inserted as Row);
}

type Row = Record<string, unknown>;

function toStoredAnswer(row: Row): StoredAnswer {
  return {
    id: Number(row["id"]),
    question: String(row["question"]),
    answer: String(row["answer"]),
    model: String(row["model"]),
    revision: typeof row["revision"] === "string" ? row["revision"] : null,
    sources: JSON.parse(String(row["sources"])) as Source[],
    created: new Date(Number(row["created"])).toISOString(),
    expires: new Date(Number(row["expires"])).toISOString(),
    state: String(row["state"]) as AnswerState,
  };
}
