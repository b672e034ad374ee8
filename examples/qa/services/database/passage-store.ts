// The knowledge base inside the database: import, search by relevance, look-up of known questions. The import is skipped
// when the same files were imported before by the same tokenizer.
import type { DatabaseSync } from "node:sqlite";
import type { Language } from "../shared/detect-language.ts";
import type { Knowledge, Passage } from "./knowledge.ts";
import { definitionOfTerm, normaliseQuestion } from "./normalise-question.ts";
import { nearestWords } from "./nearest-word.ts";
import { inTransaction } from "./open-database.ts";
import { queryTokens, subjectTokens, tokenise, tokensVersion } from "./tokens.ts";

/** A passage as a search gives it; a higher score is more relevant. */
interface FoundPassage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly score: number;
}

/** A known question with the answer of its passage. */
interface KnownAnswer {
  readonly id: string;
  readonly question: string;
  readonly title: string;
  readonly answer: string;
}

/** The passages of the knowledge base. */
export interface PassageStore {
  /** Makes the stored passages equal to the given ones; returns false when they were already. */
  importKnowledge(knowledge: Knowledge): boolean;
  search(query: string, options: { language: Language | null; limit: number }): FoundPassage[];
  /**
   * The answer, in the given language, to a question that is known in this form. Null when it is not known, or when
   * several passages claim it.
   */
  findKnown(question: string, language: Language): KnownAnswer | null;
}

/** A word in a passage's questions counts this many times as much as one in its answer (bm25 column weight). */
const titleWeight = 2;

/** Passages ranked anew for each that is wanted, so that one about just the thing asked is not lost among mentions of it. */
const candidatesPerPassage = 6;
/** What such a passage gains, as a share of the best score. */
const namedBonus = 0.5;

/** What differs between forms of a word that stemming leaves apart: consistent, consistency; eventual, eventually. */
const lettersOfEnding = 2;
/** A shorter root begins too many words. */
const shortestRoot = 6;

/** Makes the store on an open database. */
export function createPassageStore(database: DatabaseSync): PassageStore {
  const find = database.prepare(`
    SELECT passages.id, passages.questions, passages.answer, -bm25(passage_search, ${titleWeight}, 1) AS score
    FROM passage_search JOIN passages ON passages.number = passage_search.rowid
    WHERE passage_search MATCH ? AND (?2 IS NULL OR passages.language = ?2)
    ORDER BY score DESC, passages.number LIMIT ?3`);
  const known = database.prepare(`
    SELECT passages.id, passages.language, known_questions.question
    FROM known_questions JOIN passages ON passages.number = known_questions.passage
    WHERE known_questions.form = ?`);
  const byId = database.prepare("SELECT id, questions, answer FROM passages WHERE id = ? AND language = ?");
  database.exec("CREATE VIRTUAL TABLE IF NOT EXISTS temp.passage_words USING fts5vocab(main, passage_search, row)");
  const readVocabulary = database.prepare("SELECT term FROM temp.passage_words");
  const titles = new Map<string, string[][]>();
  let vocabulary: readonly string[] | undefined;
  return {
    importKnowledge: (knowledge) => {
      titles.clear();
      vocabulary = undefined;
      return importKnowledge(database, knowledge);
    },
    search: (query, { language, limit }) => {
      const tokens = queryTokens(query);
      if (tokens.length === 0) return [];
      const match = tokens.flatMap(searchTerms).join(" OR ");
      const rows = find.all(match, language, limit * candidatesPerPassage);
      const highest = Number(rows[0]?.["score"] ?? 0);
      const asked = new Set(tokens);
      return rows
        .map((row) => ({
          ...toFound(row),
          score: Number(row["score"]) + (isNamedIn(row, asked) ? namedBonus * highest : 0),
        }))
        .toSorted((a, b) => b.score - a.score)
        .slice(0, limit);
    },
    findKnown: (question, language) => {
      const form = normaliseQuestion(question);
      const forms = form.startsWith("define:") ? [form] : [form, definitionOfTerm(question)];
      for (const candidate of forms) {
        const rows = known.all(candidate);
        const own = rows.filter((row) => row["language"] === language);
        const [match, ...others] = own.length > 0 ? own : rows;
        if (match === undefined || others.length > 0) continue;
        const passage = byId.get(String(match["id"]), language);
        if (passage !== undefined) return toKnownAnswer(passage, String(match["question"]));
      }
      return null;
    },
  };

  /** A token as the search takes it, with the longer words that its root begins, or, if no passage holds it, its likely spellings. */
  function searchTerms(token: string): string[] {
    const quote = (word: string): string => `"${word.replaceAll('"', '""')}"`;
    if (!/^[a-z]{5,}$/.test(token)) return [quote(token)];
    vocabulary ??= readVocabulary.all().map((row) => String(row["term"]));
    const near = vocabulary.includes(token) ? [] : nearestWords(token, vocabulary).map(quote);
    const root = token.slice(0, -lettersOfEnding);
    return [quote(token), ...near, ...(root.length >= shortestRoot ? [`${quote(root)}*`] : [])];
  }

  /** Whether all that one of the passage's questions is about stands in the query. The questions' tokens are kept. */
  function isNamedIn(row: Row, asked: ReadonlySet<string>): boolean {
    const key = String(row["questions"]);
    const subjects = titles.get(key) ?? questionsOf(row).map(subjectTokens);
    titles.set(key, subjects);
    return subjects.some((subject) => subject.length > 0 && subject.every((token) => asked.has(token)));
  }
}

type Row = Record<string, unknown>;

function toFound(row: Row): Omit<FoundPassage, "score"> {
  return { id: String(row["id"]), title: questionsOf(row).join(" | "), text: String(row["answer"]) };
}

function questionsOf(row: Row): string[] {
  return JSON.parse(String(row["questions"])) as string[];
}

function toKnownAnswer(row: Row, question: string): KnownAnswer {
  return {
    id: String(row["id"]),
    question,
    title: questionsOf(row)[0] ?? "",
    answer: String(row["answer"]),
  };
}

function importKnowledge(database: DatabaseSync, knowledge: Knowledge): boolean {
  const version = `${knowledge.hash} ${tokensVersion}`;
  return inTransaction(database, () => {
    const stored = database.prepare("SELECT value FROM meta WHERE key = 'knowledge'").get();
    if (stored?.["value"] === version) return false;
    database.exec("DELETE FROM passages; DELETE FROM known_questions; DELETE FROM passage_search");
    for (const [index, passage] of knowledge.passages.entries()) insertPassage(database, index + 1, passage);
    database.prepare("INSERT OR REPLACE INTO meta VALUES ('knowledge', ?)").run(version);
    return true;
  });
}

function insertPassage(database: DatabaseSync, number: number, { id, language, questions, answer }: Passage): void {
  database
    .prepare("INSERT INTO passages VALUES (?, ?, ?, ?, ?)")
    .run(number, id, language, JSON.stringify(questions), answer);
  database
    .prepare("INSERT INTO passage_search (rowid, title, text) VALUES (?, ?, ?)")
    .run(number, tokenise(questions.join(" | ")).join(" "), tokenise(answer).join(" "));
  const insert = database.prepare("INSERT OR IGNORE INTO known_questions VALUES (?, ?, ?)");
  for (const question of questions) insert.run(normaliseQuestion(question), number, question);
}
