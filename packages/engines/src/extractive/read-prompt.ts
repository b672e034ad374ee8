// Finds the question and the passages in a conversation. The best-known form is
//   Passages:\n[1] <title>\n<text>\n\n[2] …\n\nQuestion: <question>      (资料： … 问题： …)
// in the last user message. Any other prompt is read by its shape: the question is the last line or sentence that asks,
// everything else that the caller sent is material.

import type { ChatMessage } from "../openai/engine.ts";

/** A piece of source text. */
export interface Passage {
  /** The number by which an answer cites it; undefined when the prompt gave none. */
  readonly number: number | undefined;
  /** The questions that the text is known to answer, or its headings. May be empty. */
  readonly titles: readonly string[];
  readonly text: string;
}

/** What the prompt asks and what it offers. */
export interface ReadPrompt {
  readonly question: string;
  readonly passages: readonly Passage[];
}

/** Passages considered; later ones are dropped, which bounds the work for one request. */
const maxPassages = 64;

/** Titles of one passage that are considered. */
const maxTitles = 16;

const passagesMarker = /(?:^|\n)[ \t]*(?:passages|context|资料|参考资料|材料|上下文)[ \t]*[:：]/iu;
const questionMarker = /(?:^|\n)[ \t]*(?:question|问题|提问)[ \t]*[:：][ \t]*/giu;
const answerMarker = /\n[ \t]*(?:helpful answer|answer|回答|答案|答)[ \t]*[:：][ \t]*$/iu;
const numberedTitle = /(?:^|\n)\[(\d{1,4})\][ \t]*([^\n]*)/gu;
const instruction =
  /^(?:you are|you're|act as|use the following|answer|respond|reply|please answer|given|based on|你是|请根据|请用|请回答|根据|回答|使用以下)/iu;

/** Reads a conversation. The question is empty when the conversation has no user text. */
export function readPrompt(messages: readonly ChatMessage[]): ReadPrompt {
  const last = messages.findLastIndex(({ role }) => role === "user");
  const prompt = (messages[last]?.text ?? "").replaceAll("\r\n", "\n").replace(answerMarker, "").trim();
  const marked = splitAtQuestionMarker(prompt);
  const { question, material } = marked ?? splitAtQuestion(prompt);
  const numbered = numberedPassages(material);
  if (numbered.length > 0) return { question, passages: numbered.slice(0, maxPassages) };
  if (marked !== undefined && passagesMarker.test(material)) {
    const rest = material.replace(passagesMarker, "\n");
    return { question, passages: paragraphs(rest).slice(0, maxPassages) };
  }
  const earlier = messages
    .filter(({ role }, index) => index !== last && role !== "assistant")
    .map(({ text }) => text.replaceAll("\r\n", "\n"));
  const earlierNumbered = earlier.flatMap(numberedPassages);
  if (earlierNumbered.length > 0) return { question, passages: earlierNumbered.slice(0, maxPassages) };
  return { question, passages: [...earlier, material].flatMap(paragraphs).slice(0, maxPassages) };
}

interface SplitPrompt {
  readonly question: string;
  readonly material: string;
}

function splitAtQuestionMarker(prompt: string): SplitPrompt | undefined {
  const match = [...prompt.matchAll(questionMarker)].at(-1);
  if (match === undefined) return undefined;
  const question = prompt.slice(match.index + match[0].length).trim();
  return { question, material: prompt.slice(0, match.index) };
}

/** The last line is the question, or the last sentence in it that ends with a question mark. */
function splitAtQuestion(prompt: string): SplitPrompt {
  const lines = prompt.split("\n");
  const asking = lines.findLastIndex((line) => /[?？]/u.test(line));
  const at = asking >= 0 ? asking : lines.findLastIndex((line) => line.trim() !== "");
  const line = lines[at] ?? "";
  const sentences = line.match(/[^.!?。！？]+[.!?。！？]*/gu) ?? [line];
  const askingSentence = sentences.findLastIndex((sentence) => /[?？]/u.test(sentence));
  const question = (sentences[askingSentence] ?? line).trim();
  const rest = askingSentence >= 0 ? sentences.toSpliced(askingSentence, 1).join("") : "";
  const material = [...lines.slice(0, at), rest, ...lines.slice(at + 1)].join("\n");
  return { question, material };
}

function numberedPassages(material: string): Passage[] {
  const heads = [...material.matchAll(numberedTitle)];
  return heads.flatMap((head, index): Passage[] => {
    const title = (head[2] ?? "").trim();
    const end = heads[index + 1]?.index ?? material.length;
    const text = material.slice(head.index + head[0].length, end).trim();
    const number = Number(head[1]);
    if (text === "" && title === "") return [];
    if (text === "") return [{ number, titles: [], text: title }];
    const titles = title.split(" | ").map((one) => one.trim());
    return [{ number, titles: titles.filter((one) => one !== "").slice(0, maxTitles), text }];
  });
}

/** Paragraphs are parted by empty lines; one that tells the model what to do is not a source. */
function paragraphs(material: string): Passage[] {
  return material
    .split(/\n[ \t]*\n/u)
    .map((text) => text.trim())
    .filter((text) => text !== "" && !instruction.test(text))
    .map((text) => ({ number: undefined, titles: [], text }));
}
