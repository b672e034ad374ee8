// One call of the open loop, with its times and whether its answer was right.
import { request, type Agent } from "node:http";
import { WORD_NUMBERS } from "../upstream/answers.ts";

/** What is sent. */
export interface Call {
  readonly url: URL;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The text of a whole answer, or the number of words of a stream. */
  readonly expected: string | number;
}

/** What came of it; times in milliseconds of the system's monotonic clock. */
export interface CallOutcome {
  readonly isRight: boolean;
  readonly firstAtMs: number;
  readonly endAtMs: number;
}

/** Milliseconds of the system's monotonic clock, the same in every thread. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Sends it and calls back once. */
export function callOnce(call: Call, onOutcome: (outcome: CallOutcome) => void): void {
  const { url, agent, headers } = call;
  let firstAtMs = Number.NaN;
  let isDone = false;
  const done = (isRight: boolean): void => {
    if (isDone) return;
    isDone = true;
    onOutcome({ isRight, firstAtMs, endAtMs: monotonicMs() });
  };
  const outgoing = request(url, { method: "POST", agent, headers }, (response) => {
    const pieces: Buffer[] = [];
    response.on("data", (piece: Buffer) => {
      if (pieces.length === 0) firstAtMs = monotonicMs();
      pieces.push(piece);
    });
    response.on("end", () => {
      const text = Buffer.concat(pieces).toString("latin1");
      done(response.statusCode === 200 && isExpected(text, call.expected));
    });
    response.on("error", () => done(false));
    response.on("close", () => done(false));
  });
  outgoing.on("error", () => done(false));
  outgoing.end(call.body);
}

function isExpected(text: string, expected: string | number): boolean {
  if (typeof expected === "string") return text.includes(expected);
  const numbers = Array.from(text.matchAll(WORD_NUMBERS), ([, number]) => Number(number));
  const isInOrder = numbers.length === expected && numbers.every((number, index) => number === index);
  return isInOrder && text.trimEnd().endsWith("data: [DONE]");
}
