// Whether an answer that came whole and with a good status is none: empty, the same piece over and over, in another script than the question, or
// not of the form that was demanded. Watched while it streams, at some nanoseconds a character and at most some ten kilobytes an answer.
//
// One flaw proves nothing; `bad-output.ts` weighs how often they come. So every rule here leaves out what good answers do too: code, tables, numbers,
// quotes, translations, short answers, and what the question itself asked to repeat.
import type { AnswerFlaw } from "@flyball/core";
import { addToTail, createTextTail, repeatedPiece, type TextTail } from "./repeated-tail.ts";
import {
  countScripts,
  createScriptCounts,
  letterCount,
  scriptOf,
  shareOfScript,
  type ScriptCounts,
} from "./text-script.ts";

/** What was asked for. */
export interface AnswerWants {
  /** The last words of the user; their beginning and end are enough. */
  readonly question?: string;
  /** Other instructions, such as the system prompt: they may ask for another language. */
  readonly instructions?: string;
  /** The content must be JSON; with names, an object that has them. */
  readonly json?: { readonly required?: readonly string[] };
  /** No content is a good answer. */
  readonly mayBeEmpty?: boolean;
}

/** How the answer ended: by itself, at a limit that the client set, or withheld by the provider. */
export type AnswerEnd = "whole" | "cut" | "filtered";

/** One answer that is being watched: changed in place. */
export interface AnswerWatch {
  readonly wants: AnswerWants;
  readonly tail: TextTail;
  readonly scripts: ScriptCounts;
  hasContent: boolean;
  /** Code between fences is in no language; `fence` counts the backticks in a row. */
  isCode: boolean;
  fence: number;
  /** Text that has to be JSON, by tool call; the content is under −1. Undefined: too long to be kept, and not judged. */
  readonly json: Map<number, string | undefined>;
}

const CONTENT = -1;
/** Characters of JSON that are kept for one part, and parts. */
const LONGEST_JSON = 65_536;
const MOST_PARTS = 64;
/** Letters that a question and an answer must have before their scripts are compared. A sign of Han or Hangul says more than a letter. */
const LEAST_QUESTION = 12;
const LEAST_ANSWER = 200;
const SIGN_WEIGHT = 3;
const QUESTION_SHARE = 0.9;
const ANSWER_SHARE = 0.8;
const QUESTION_SHARE_LEFT = 0.05;
/** Instructions that have so much of a script may have asked for it. */
const INSTRUCTION_SHARE = 0.1;
/** The question may want another language, or code. */
const OTHER_LANGUAGE =
  /translat|language|english|chinese|mandarin|japanese|korean|russian|arabic|hindi|thai|greek|hebrew|french|german|spanish|latin|pinyin|romaji|\bcode\b|function|program|script|python|sql|html|regex|json|yaml|csv|shell|command|terminal|翻译|翻譯|语|語|英文|中文|日文|韩文|俄文|法文|德文|汉字|漢字|拼音|代码|代碼|程序|程式|函数|函式|脚本|命令|正则|コード|関数|訳|번역|영어|중국어|일본어|코드|함수|перев|язык|английск|китайск|код|функци|ترجم|بالإنجليزية/iu;

/** Begins to watch an answer. */
export function createAnswerWatch(wants: AnswerWants): AnswerWatch {
  return {
    wants,
    tail: createTextTail(),
    scripts: createScriptCounts(),
    hasContent: false,
    isCode: false,
    fence: 0,
    json: new Map(wants.json === undefined ? [] : [[CONTENT, ""]]),
  };
}

/** A piece of the content came; not of reasoning. */
export function addPiece(watch: AnswerWatch, piece: string): void {
  if (!watch.hasContent && /\S/u.test(piece)) watch.hasContent = true;
  addToTail(watch.tail, piece);
  countProse(watch, piece);
  if (watch.json.has(CONTENT)) keep(watch, CONTENT, piece);
}

/** A piece of a tool call's arguments came; `call` is its place among the calls of the answer. */
export function addToolArguments(watch: AnswerWatch, call: number, piece: string): void {
  watch.hasContent = true;
  // An answer that calls tools has not to be JSON itself.
  watch.json.delete(CONTENT);
  if (watch.json.has(call) || watch.json.size < MOST_PARTS) keep(watch, call, piece);
}

/** What was wrong with the answer now that it has ended. */
export function flawOfAnswer(watch: AnswerWatch, end: AnswerEnd): AnswerFlaw | undefined {
  if (end === "filtered") return undefined;
  if (!watch.hasContent) return end === "whole" && watch.wants.mayBeEmpty !== true ? "empty" : undefined;
  if (isLoop(watch)) return "loop";
  if (end === "whole" && isFormless(watch)) return "schema";
  return isOfOtherScript(watch) ? "language" : undefined;
}

function countProse(watch: AnswerWatch, piece: string): void {
  let from = 0;
  for (let at = 0; at < piece.length; at += 1) {
    if (piece.charCodeAt(at) !== 0x60) {
      watch.fence = 0;
      continue;
    }
    watch.fence += 1;
    if (watch.fence !== 3) continue;
    if (!watch.isCode) countScripts(watch.scripts, piece, from, at);
    watch.isCode = !watch.isCode;
    from = at + 1;
  }
  if (!watch.isCode) countScripts(watch.scripts, piece, from);
}

function keep({ json }: AnswerWatch, part: number, piece: string): void {
  const known = json.has(part) ? json.get(part) : "";
  const isTooLong = known === undefined || known.length + piece.length > LONGEST_JSON;
  json.set(part, isTooLong ? undefined : known + piece);
}

function isLoop({ tail, wants }: AnswerWatch): boolean {
  const piece = repeatedPiece(tail);
  if (piece === undefined) return false;
  const words = piece.trim();
  // "Write ‘all work and no play’ a hundred times": the piece may begin anywhere in its turn.
  const asked = wants.question ?? "";
  return !(words.length > 1 && [asked, `${asked} ${asked}`].some((text) => hasTurnOf(text, words)));
}

function hasTurnOf(text: string, piece: string): boolean {
  if (piece.length > text.length) return false;
  for (let at = 0; at < piece.length; at += 1) {
    if (text.includes((piece.slice(at) + piece.slice(0, at)).trim())) return true;
  }
  return false;
}

function isFormless({ json, wants }: AnswerWatch): boolean {
  for (const [part, text] of json) {
    if (text === undefined) continue;
    const value = parse(text === "" && part !== CONTENT ? "{}" : text);
    if (value === undefined) return true;
    const required = part === CONTENT ? (wants.json?.required ?? []) : [];
    if (required.length === 0) continue;
    if (typeof value.json !== "object" || value.json === null) return true;
    const { json: object } = value;
    if (required.some((name) => !Object.hasOwn(object, name))) return true;
  }
  return false;
}

function parse(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function isOfOtherScript({ scripts, wants }: AnswerWatch): boolean {
  const { question, instructions } = wants;
  // JSON, and answers that call tools, are not prose.
  if (question === undefined || wants.json !== undefined || OTHER_LANGUAGE.test(question)) return false;
  const asked = createScriptCounts();
  countScripts(asked, question);
  const askedScript = scriptOf(asked, QUESTION_SHARE);
  const script = scriptOf(scripts, ANSWER_SHARE);
  if (askedScript === undefined || script === undefined || script === askedScript) return false;
  if (letterCount(asked) * weightOf(askedScript) < LEAST_QUESTION) return false;
  if (letterCount(scripts) * weightOf(script) < LEAST_ANSWER) return false;
  if (shareOfScript(scripts, askedScript) > QUESTION_SHARE_LEFT) return false;
  if (instructions === undefined) return true;
  const told = createScriptCounts();
  countScripts(told, instructions);
  return shareOfScript(told, script) < INSTRUCTION_SHARE && !OTHER_LANGUAGE.test(instructions);
}

function weightOf(script: string): number {
  return script === "han" || script === "hangul" || script === "kana" ? SIGN_WEIGHT : 1;
}
