// What a span tells of an answer itself: its id, and why it ended. Read from the bytes that the client gets, and only of a call whose trace
// is kept: behind a member's name comes its value, and inside a text the quotes of such a name are escaped.
import { asObject, asText, parseJson } from "../dialects/json-value.ts";
import { readSseFrame } from "../dialects/sse-frame.ts";
import { splitFrames } from "../stream/split-frames.ts";
import type { CallTrace } from "./call-trace.ts";

/** Plain data, for it goes to another thread. */
export interface AnswerMarks {
  /** undefined: it has none, or its bytes were not whole when they were looked at. */
  readonly id: string | undefined;
  /** In the backend's own words, in the order in which they came; at most sixteen. */
  readonly finishReasons: string[];
}

const MOST_REASONS = 16;
const LONGEST = 128;
/** A longer whole answer (vectors, pictures) is not parsed for its id. */
const MOST_PARSED_BYTES = 256 * 1024;
/** Of chat and Anthropic. Those of Responses are the names of the terminal event and the status of a whole answer. */
const REASON_MARKS = ['"finish_reason"', '"stop_reason"'].map((mark) => Buffer.from(mark));
const VALUE = /^\s*:\s*"([^"\\]{1,64})"/;
const TERMINAL = /"type":\s*"response\.(completed|incomplete|failed)"/;

/** The first bytes of an answer: frames, or a whole one. */
export function beginAnswer(trace: CallTrace | undefined, bytes: Buffer, isEvents: boolean): void {
  if (trace?.isSampled !== true) return;
  if (isEvents) {
    trace.answer = { id: idInFrames(bytes), finishReasons: [] };
    noteReasons(trace, bytes);
    return;
  }
  const value = bytes.length > MOST_PARSED_BYTES ? undefined : asObject(parseJson(bytes.toString("utf8")));
  trace.answer = { id: shortText(value?.["id"]), finishReasons: [] };
  const status = value?.["object"] === "response" ? shortText(value["status"]) : undefined;
  if (status === undefined) noteReasons(trace, bytes);
  else trace.answer.finishReasons.push(status);
}

/** More of it. */
export function noteReasons(trace: CallTrace | undefined, bytes: Buffer): void {
  const reasons = trace?.answer?.finishReasons;
  if (reasons === undefined) return;
  for (const mark of REASON_MARKS) {
    for (let at = bytes.indexOf(mark); at >= 0 && reasons.length < MOST_REASONS; at = bytes.indexOf(mark, at + 1)) {
      const reason = VALUE.exec(bytes.toString("latin1", at + mark.length, at + mark.length + LONGEST))?.[1];
      if (reason !== undefined) reasons.push(reason);
    }
  }
  const at = bytes.lastIndexOf('"response.');
  if (at < 0) return;
  const terminal = TERMINAL.exec(bytes.toString("latin1", Math.max(0, at - 16), at + 32))?.[1];
  if (terminal !== undefined) reasons.push(terminal);
}

/** Of the first event that has one: a chunk of chat, a message, a response. */
function idInFrames(frames: Buffer): string | undefined {
  for (const frame of splitFrames(frames)) {
    const event = asObject(parseJson(readSseFrame(frame.toString("utf8").trimEnd()).data));
    const named = event?.["id"] ?? asObject(event?.["message"])?.["id"] ?? asObject(event?.["response"])?.["id"];
    if (event !== undefined) return shortText(named);
  }
  return undefined;
}

function shortText(value: unknown): string | undefined {
  const text = asText(value);
  return text === undefined || text === "" || text.length > LONGEST ? undefined : text;
}
