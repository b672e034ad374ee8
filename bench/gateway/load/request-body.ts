// The chat completions that clients ask for, head and body.
import type { CallTarget } from "../candidates/candidate.ts";
import { answerKinds, type AnswerKind } from "../upstream/answer-kind.ts";
import { chatCompletion, textOf } from "../upstream/answers.ts";

/** The body of a request. `words` is the length of a stream. */
export function requestBody(kind: AnswerKind, model: string, words: number): string {
  const { isStream, promptBytes } = answerKinds[kind];
  const messages = [{ role: "user", content: textOf(promptBytes) }];
  return JSON.stringify(
    isStream ? { model, messages, stream: true, max_tokens: words } : { model, messages, temperature: 0 },
  );
}

/** The headers of call number `index`; no authorization where a candidate has no keys. */
export function requestHeaders(
  { headers, keys }: Pick<CallTarget, "headers" | "keys">,
  body: string,
  index: number,
): Readonly<Record<string, string>> {
  const key = keys[index % Math.max(1, keys.length)];
  return {
    ...headers,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
}

/** What must stand in a whole answer. */
export function expectedText(kind: AnswerKind): string {
  return chatCompletion(answerKinds[kind].answerBytes).text;
}
