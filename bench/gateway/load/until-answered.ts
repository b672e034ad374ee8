// Asks until the right answer comes: the end of a start.
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { answerKinds, type AnswerKind } from "../upstream/answer-kind.ts";
import { expectedText, requestBody, requestHeaders } from "./request-body.ts";

const RETRY_MS = 5;
const ATTEMPT_LIMIT_MS = 5_000;

/** Resolves at the first right answer; rejects at the limit, or when `failure` says that there is nothing to wait for. */
export async function untilAnswered(options: {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly models?: readonly string[];
  readonly keys?: readonly string[];
  readonly kind: AnswerKind;
  readonly limitMs: number;
  readonly failure?: () => string | undefined;
}): Promise<void> {
  const deadline = performance.now() + options.limitMs;
  const { url, kind } = options;
  const body = requestBody(kind, options.models?.[0] ?? "any", 1);
  const headers = requestHeaders({ headers: options.headers ?? {}, keys: options.keys ?? [] }, body, 0);
  const expected = answerKinds[kind].isStream ? "[DONE]" : expectedText(kind);
  for (;;) {
    const answer = await ask(url, headers, body);
    if (answer.includes(expected)) return;
    const failure = options.failure?.();
    if (failure !== undefined) throw new Error(failure);
    if (performance.now() > deadline)
      throw new Error(`no right answer from ${url}; the last was: ${answer.slice(0, 400)}`);
    await delay(RETRY_MS);
  }
}

function ask(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
  return new Promise((resolve) => {
    const outgoing = request(url, { method: "POST", headers, agent: false, timeout: ATTEMPT_LIMIT_MS }, (response) => {
      let text = "";
      response.setEncoding("latin1");
      response.on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve(text));
      response.on("error", (error) => resolve(error.message));
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", (error) => resolve(error.message));
    outgoing.end(body);
  });
}
