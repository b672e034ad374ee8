// Answers that are whole and well-formed and yet no good: without content, in another script, or the same piece again and again.
import type { ProxyRule } from "../fault.ts";

/** What is said in the dialects of models, and in answers of plain services. */
const CONTENT_KEYS: ReadonlySet<string> = new Set(["content", "text", "answer", "output_text", "reasoning_content"]);
const HAN = [..."今天我们讨论风的方向与海水温度变化"];
const CYRILLIC = [..."ветерменяетнаправлениеитемпературуморя"];
const LOOP = "over and ";
/** Short pieces of a stream repeat it once each; a whole answer says it often enough to be seen. */
const LEAST_LOOPS_OF_ANSWER = 60;

/** How a piece of content becomes bad. `isWhole`: it is all of the answer. */
type Spoil = (text: string, isWhole: boolean) => string;

/** The change for a rule; undefined: the rule changes no content. */
export function spoilOf(rule: ProxyRule): Spoil | undefined {
  if (rule.rule === "empty-answer") return () => "";
  if (rule.rule !== "garbage") return undefined;
  return rule.form === "language"
    ? (text) => inOtherScript(text)
    : (text, isWhole) => LOOP.repeat(isWhole ? Math.max(LEAST_LOOPS_OF_ANSWER, Math.ceil(text.length / 9)) : 1);
}

/** A JSON text with its content changed; what is no JSON, or has no content, is emptied. */
export function spoilBody(body: string, spoil: Spoil): string {
  try {
    return JSON.stringify(spoilValue(JSON.parse(body), spoil, true));
  } catch {
    return spoil(body, true);
  }
}

/** An event with the content of its JSON data changed; others (`[DONE]`, comments) as they are. */
export function spoilEvent(event: string, spoil: Spoil): string {
  return event.replace(/^(data: ?)(\{.*\})(\r?)$/gm, (whole, before: string, json: string, after: string) => {
    try {
      return before + JSON.stringify(spoilValue(JSON.parse(json), spoil, false)) + after;
    } catch {
      return whole;
    }
  });
}

function spoilValue(value: unknown, spoil: Spoil, isWhole: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => spoilValue(item, spoil, isWhole));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      const isContent = CONTENT_KEYS.has(key) && typeof entry === "string" && entry !== "";
      return [key, isContent ? spoil(entry, isWhole) : spoilValue(entry, spoil, isWhole)];
    }),
  );
}

function inOtherScript(text: string): string {
  const letters = /\p{Script=Han}/u.test(text) ? CYRILLIC : HAN;
  let index = 0;
  return text.replaceAll(/\p{L}/gu, () => letters[index++ % letters.length]!);
}
