// What is wrong with an answer that came whole: an error inside a good status, no content at all, an end that came twice.

import type { RequestProblem } from "./request-record.ts";

/** What was found. */
export interface AnswerJudgement {
  readonly problem?: RequestProblem;
  readonly isDuplicated?: true;
}

const LONGEST_PROBLEM = 200;

/** Judges the whole body of an answer with a good status. Of bodies that are neither JSON nor an event stream only emptiness is judged. */
export function judgeAnswer(contentType: string, body: string, wantsContent: boolean): AnswerJudgement {
  if (contentType.includes("text/event-stream")) return judgeEvents(body);
  if (wantsContent && body.trim() === "") return { problem: { code: "empty-answer" } };
  if (!contentType.includes("json")) return {};
  const value = parse(body);
  if (value === undefined) return { problem: { code: "not-json" } };
  const error = errorOf(value);
  if (error !== undefined) return inWords(error);
  return isEmptyCompletion(value) ? { problem: { code: "empty-completion" } } : {};
}

function judgeEvents(body: string): AnswerJudgement {
  let ends = 0;
  let content = "";
  let isModelStream = false;
  for (const block of body.split(/\r?\n\r?\n/)) {
    const lines = block.split(/\r?\n/);
    const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
    if (data.length === 0) continue;
    const text = data.join("\n");
    if (text === "[DONE]") {
      ends += 1;
      continue;
    }
    if (lines.some((line) => /^event:\s*error\s*$/.test(line))) return inWords(text);
    const value = parse(text);
    if (value === undefined) return { problem: { code: "event-not-json" } };
    const error = errorOf(value);
    if (error !== undefined) return inWords(error);
    const choices = choicesOf(value);
    if (choices === undefined) continue;
    isModelStream = true;
    content += choices.map((choice) => deltaOf(choice)).join("");
  }
  if (!isModelStream) return {};
  if (ends === 0) return { problem: { code: "no-last-event" } };
  if (ends > 1) return { isDuplicated: true };
  return content === "" ? { problem: { code: "empty-completion" } } : {};
}

function errorOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("error" in value) || value.error === null) return undefined;
  const { error } = value;
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return typeof error === "string" ? error : JSON.stringify(error);
}

function choicesOf(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== "object" || value === null || !("choices" in value)) return undefined;
  return Array.isArray(value.choices) ? value.choices : undefined;
}

interface Choice {
  readonly delta?: Spoken;
  readonly message?: Spoken;
  readonly text?: unknown;
}

interface Spoken {
  readonly content?: unknown;
  readonly reasoning_content?: unknown;
  readonly tool_calls?: unknown;
}

function deltaOf(choice: unknown): string {
  const { delta, message, text } = (choice ?? {}) as Choice;
  const { content, reasoning_content, tool_calls } = delta ?? message ?? {};
  const tools = tool_calls === undefined || tool_calls === null ? "" : JSON.stringify(tool_calls);
  return [content, reasoning_content, text].filter((part) => typeof part === "string").join("") + tools;
}

function isEmptyCompletion(value: unknown): boolean {
  const choices = choicesOf(value);
  return choices !== undefined && choices.map((choice) => deltaOf(choice)).join("") === "";
}

/** What the app itself says is wrong. */
function inWords(words: string): AnswerJudgement {
  return { problem: { code: "words", words: words.slice(0, LONGEST_PROBLEM) } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
