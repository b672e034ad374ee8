// The knowledge base inside the database: import, search by relevance, look-up of known questions. The import is skipped
// when the same files were imported before by the same tokenizer.
import type { DatabaseSync } from "node:sqlite";
import type { Language } from "../shared/detect-language.ts";
import type { Knowledge, Passage } from "./knowledge.ts";
import { indexPassage, matchPhrasings, readPhrasing } from "./match-phrasings.ts";
import type { PassageIndex, PhrasingMatch } from "./match-phrasings.ts";
import { definitionOfTerm, normaliseQuestion } from "./normalise-question.ts";
import { nearestWords } from "./nearest-word.ts";
import { inTransaction } from "./open-database.ts";
import { queryTokens, stem, tokenise, tokensVersion } from "./tokens.ts";

/** A passage as a search gives it; a higher score is more relevant. */
interface FoundPassage {
  readonly id: string;
  /** The phrasings that are most like the query, best first, joined by " | ". */
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
  /** Reads one more passage before a search needs it; false when all are read. The first search of each would wait for that. */
  readAhead(): boolean;
  search(query: string, options: { language: Language | null; limit: number }): FoundPassage[];
  /**
   * The answer, in the given language, to a question that is known in this form. Null when it is not known, or when
   * several passages claim it.
   */
  findKnown(question: string, language: Language): KnownAnswer | null;
}

/** A word in a passage's questions counts this many times as much as one in its answer (bm25 column weight). */
const titleWeight = 2;

/** Passages ranked anew for each that is wanted, so that one asked for in just this way is not lost among mentions of it. */
const candidatesPerPassage = 2;
/** What the first search counts beside the likeness of the best phrasing. */
const searchShare = 0.3;
/** What the second best phrasing counts: one phrasing may be alike by chance, two seldom are. */
const secondShare = 0.7;

/**
 * A passage with less than this share of the best score is not given. Where one passage stands out, the others would only
 * make the prompt longer; where many come close, none may be the right one, and whoever answers can tell by their number.
 */
const leastShareOfBest = 0.65;

/** Phrasings of a passage that are given; whoever reads the passage for an answer needs no more, and each costs time to read. */
const givenPhrasings = 6;

/** What differs between forms of a word that stemming leaves apart: consistent, consistency; eventual, eventually. */
const lettersOfEnding = 2;
/** A shorter root begins too many words. */
const shortestRoot = 6;

/** Makes the store on an open database. It keeps what it read of each passage; there are no more of those than in the files. */
export function createPassageStore(database: DatabaseSync): PassageStore {
  const find = database.prepare(`
    SELECT passages.number, -bm25(passage_search, ${titleWeight}, 1) AS score
    FROM passage_search JOIN passages ON passages.number = passage_search.rowid
    WHERE passage_search MATCH ? AND (?2 IS NULL OR passages.language = ?2)
    ORDER BY score DESC, passages.number LIMIT ?3`);
  const known = database.prepare(`
    SELECT passages.id, passages.language, known_questions.question
    FROM known_questions JOIN passages ON passages.number = known_questions.passage
    WHERE known_questions.form = ?`);
  const byNumber = database.prepare("SELECT id, questions, answer FROM passages WHERE number = ?");
  const byId = database.prepare("SELECT id, questions, answer FROM passages WHERE id = ? AND language = ?");
  database.exec("CREATE VIRTUAL TABLE IF NOT EXISTS temp.passage_words USING fts5vocab(main, passage_search, row)");
  const readVocabulary = database.prepare("SELECT term, doc FROM temp.passage_words");
  const countPassages = database.prepare("SELECT count(*) AS count FROM passages");
  const readings = new Map<number, ReadPassage>();
  let passages = 0;
  let nextToRead = 1;
  let rarities: ReadonlyMap<string, number> | undefined;
  return {
    importKnowledge: (knowledge) => {
      readings.clear();
      nextToRead = 1;
      rarities = undefined;
      return importKnowledge(database, knowledge);
    },
    readAhead: () => {
      readRarities();
      if (nextToRead > passages) return false;
      readPassage(nextToRead);
      nextToRead += 1;
      return true;
    },
    search: (query, { language, limit }) => {
      const tokens = queryTokens(query);
      if (tokens.length === 0) return [];
      const match = tokens.flatMap(searchTerms).join(" OR ");
      const rows = find.all(match, language, limit * candidatesPerPassage);
      const highest = Number(rows[0]?.["score"] ?? 1);
      const question = readPhrasing(mendWords(query));
      const found = rows
        .map((row) => {
          const passage = readPassage(Number(row["number"]));
          const matches = matchPhrasings(question, passage.index, rarityOf);
          return toFound(passage, matches, (searchShare * Number(row["score"])) / highest);
        })
        .toSorted((a, b) => b.score - a.score)
        .slice(0, limit);
      const leastScore = leastShareOfBest * (found[0]?.score ?? 0);
      return found.filter(({ score }) => score >= leastScore);
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
    const known = readRarities();
    const near = known.has(token) ? [] : nearestWords(token, [...known.keys()]).map(quote);
    const root = token.slice(0, -lettersOfEnding);
    return [quote(token), ...near, ...(root.length >= shortestRoot ? [`${quote(root)}*`] : [])];
  }

  /** The query with each word that no passage holds in its likely spelling. */
  function mendWords(query: string): string {
    const known = readRarities();
    return query.replaceAll(/(?<![\w'’-])[a-z]{5,64}(?![\w'’-])/gi, (word) => {
      const token = stem(word.toLowerCase());
      if (known.has(token)) return word;
      const [likeliest] = nearestWords(token, [...known.keys()]).toSorted((a, b) => rarityOf(a) - rarityOf(b));
      return likeliest ?? word;
    });
  }

  /** How much a token tells: the fewer passages hold it, the more (inverse document frequency). */
  function rarityOf(token: string): number {
    return readRarities().get(token) ?? rarity(0, passages);
  }

  function readRarities(): ReadonlyMap<string, number> {
    if (rarities !== undefined) return rarities;
    passages = Number(countPassages.get()?.["count"] ?? 0);
    rarities = new Map(readVocabulary.all().map((row) => [String(row["term"]), rarity(Number(row["doc"]), passages)]));
    return rarities;
  }

  /** A passage in comparable form; kept, because the same passages are found again and again. */
  function readPassage(number: number): ReadPassage {
    const known = readings.get(number);
    if (known !== undefined) return known;
    const row = byNumber.get(number) ?? {};
    const answer = String(row["answer"]);
    const read = { id: String(row["id"]), answer, index: indexPassage(questionsOf(row), answer, rarityOf) };
    readings.set(number, read);
    return read;
  }
}

interface ReadPassage {
  readonly id: string;
  readonly answer: string;
  readonly index: PassageIndex;
}

function rarity(holding: number, passages: number): number {
  return Math.log(1 + (passages - holding + 0.5) / (holding + 0.5));
}

type Row = Record<string, unknown>;

function toFound({ id, answer }: ReadPassage, matches: readonly PhrasingMatch[], searchScore: number): FoundPassage {
  const [best, second] = matches;
  return {
    id,
    title: matches
      .slice(0, givenPhrasings)
      .map(({ text }) => text)
      .join(" | "),
    text: answer,
    score: searchScore + (best?.likeness ?? 0) + secondShare * (second?.likeness ?? 0),
  };
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
