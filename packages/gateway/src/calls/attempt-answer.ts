// What one attempt of a model call brings back, and what it means before anything reached the client: an error status and a whole
// short answer are held, a stream waits for its first content. The outcome goes to the run, which decides.
import type { TokenUsage } from "@flyball/core";
import type { ErrorMeaning, ProviderError } from "../dialects/provider-error.ts";
import { createSseFrames } from "../stream/sse-frames.ts";
import { headerValue } from "../stages/response-headers.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import { isJsonObject } from "./is-json-object.ts";
import { NO_BYTES, type AnswerStep, type StreamAnswerReader, type WholeAnswer } from "./answer-reader.ts";

/** Bytes held before the first content. With more the stream counts as begun: memory is bounded. */
export const MAX_HELD_BYTES = 64 * 1024;
/** Bytes of an answer that are held until it is whole; a longer one is passed on as it comes, and is not translated. */
export const MAX_HELD_ANSWER_BYTES = 256 * 1024;
/** A translated answer has to be whole; a longer one is a failure of its backend. */
const MAX_TRANSLATED_BYTES = 16 * 1024 * 1024;
/** Bytes that are kept of the end of an answer that was passed on; usage stands there. */
const TAIL_BYTES = 4 * 1024;
/** Bytes of an error's body that are kept. */
const MAX_ERROR_BYTES = 64 * 1024;

/** An error that a backend answered with. */
export interface AnsweredError {
  readonly status: number;
  readonly head: ResponseHead;
  /** undefined: it is none that a client of the same dialect could read. */
  readonly body: Buffer | undefined;
  /** undefined: it has no known form. */
  readonly error: ProviderError | undefined;
}

/** What the run does next. */
export type AttemptStep =
  | { readonly kind: "wait" }
  /** The first content: write this head and these bytes, and go on with `pass`. */
  | { readonly kind: "commit"; readonly head: ResponseHead; readonly bytes: Buffer; readonly isEvents: boolean }
  | { readonly kind: "pass"; readonly bytes: Buffer }
  /** The answer is whole and nothing of it was sent. */
  | { readonly kind: "whole"; readonly head: ResponseHead; readonly bytes: Buffer }
  | { readonly kind: "end"; readonly bytes: Buffer }
  /** The backend answered with an error, by its status or inside a 200 before content. */
  | { readonly kind: "answered-error"; readonly answered: AnsweredError }
  /** No answer, before content: try elsewhere. */
  | { readonly kind: "fail"; readonly reason: string }
  /** Cut after content; `bytes` came whole before it. */
  | {
      readonly kind: "cut";
      readonly bytes: Buffer;
      readonly reason: string;
      readonly error: ProviderError | undefined;
    };

/** Reads one attempt's response. */
export interface AttemptAnswer {
  /** An error status: nothing was worked on. */
  readonly isError: boolean;
  isCommitted: boolean;
  /** It came to its end: its last usage is that of all of it. */
  isWhole: boolean;
  /** The last usage that the backend told. */
  usage: TokenUsage | undefined;
  onData(chunk: Buffer): AttemptStep;
  /** The transport ended in order. A commit here is the whole stream: it ends with it. */
  onEnd(): AttemptStep;
}

/** How the bytes of a 200 are read. */
export interface AnswerFormat {
  createStreamReader(): StreamAnswerReader;
  readWhole(body: Buffer): WholeAnswer;
  /** The usage that stands at the end of a whole answer that was passed on in pieces. */
  readTail(tail: Buffer): TokenUsage | undefined;
  readError(body: string, status: number): ProviderError | undefined;
  /** The answer must be whole before any of it can be written. */
  readonly isTranslated: boolean;
}

const WAIT: AttemptStep = { kind: "wait" };

/** What an error inside a 200 would have been as a status. */
const STATUS_BY_MEANING: Readonly<Record<ErrorMeaning, number>> = {
  "context-length": 400,
  "content-filter": 400,
  quota: 402,
  "rate-limit": 429,
  overloaded: 503,
  other: 502,
};

/** Chooses how the response is read. */
export function readAttempt(head: ResponseHead, format: AnswerFormat): AttemptAnswer {
  if (head.status >= 400) return readError(head, format);
  if (head.status >= 300) return readRedirect(head);
  const encoding = headerValue(head, "content-encoding") ?? "identity";
  if (encoding !== "identity") return readPacked(head, encoding, format);
  const isEvents = (headerValue(head, "content-type") ?? "").startsWith("text/event-stream");
  if (isEvents && head.status === 200) return readEvents(head, format.createStreamReader());
  return readWhole(head, format);
}

function readError(head: ResponseHead, format: AnswerFormat): AttemptAnswer {
  const chunks: Buffer[] = [];
  let length = 0;
  const finish = (): AttemptStep => {
    const body = Buffer.concat(chunks);
    const error = format.readError(body.toString("utf8"), head.status);
    const readable = isJsonObject(body) ? body : undefined;
    return { kind: "answered-error", answered: { status: head.status, head, body: readable, error } };
  };
  return {
    isError: true,
    isCommitted: false,
    isWhole: false,
    usage: undefined,
    onData(chunk) {
      length += chunk.length;
      if (length > MAX_ERROR_BYTES) return finish();
      chunks.push(chunk);
      return WAIT;
    },
    onEnd: finish,
  };
}

/** Followed, it would take the call and our key to a place that nobody named; passed on, it would take the client there. */
function readRedirect({ status }: ResponseHead): AttemptAnswer {
  const refused: AttemptStep = { kind: "fail", reason: `status ${status}: a redirect is not followed` };
  return {
    isError: true,
    isCommitted: false,
    isWhole: false,
    usage: undefined,
    onData: () => refused,
    onEnd: () => refused,
  };
}

/** Packed although nobody asked for it: passed on unread where it need not be understood. */
function readPacked(head: ResponseHead, encoding: string, format: AnswerFormat): AttemptAnswer {
  const refused: AttemptStep = { kind: "fail", reason: `an answer with content-encoding ${encoding}` };
  const answer: AttemptAnswer = {
    isError: false,
    isCommitted: false,
    isWhole: false,
    usage: undefined,
    onData(chunk) {
      if (format.isTranslated) return refused;
      if (answer.isCommitted) return { kind: "pass", bytes: chunk };
      answer.isCommitted = true;
      return { kind: "commit", head, bytes: chunk, isEvents: false };
    },
    onEnd: () => (answer.isCommitted ? { kind: "end", bytes: NO_BYTES } : refused),
  };
  return answer;
}

function readWhole(head: ResponseHead, format: AnswerFormat): AttemptAnswer {
  let chunks: Buffer[] = [];
  let length = 0;
  const maximum = format.isTranslated ? MAX_TRANSLATED_BYTES : MAX_HELD_ANSWER_BYTES;
  const answer: AttemptAnswer = {
    isError: false,
    isCommitted: false,
    isWhole: false,
    usage: undefined,
    onData(chunk) {
      if (answer.isCommitted) {
        chunks = lastOf([...chunks, chunk]);
        return { kind: "pass", bytes: chunk };
      }
      chunks.push(chunk);
      length += chunk.length;
      if (length <= maximum) return WAIT;
      if (format.isTranslated) return { kind: "fail", reason: `an answer above ${maximum} bytes` };
      answer.isCommitted = true;
      const bytes = Buffer.concat(chunks);
      chunks = lastOf(chunks);
      return { kind: "commit", head, bytes, isEvents: false };
    },
    onEnd() {
      answer.isWhole = true;
      if (answer.isCommitted) {
        answer.usage = format.readTail(Buffer.concat(chunks));
        return { kind: "end", bytes: NO_BYTES };
      }
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      const read = format.readWhole(body);
      if (read.kind === "failed") return failedInside(head, read);
      answer.usage = read.usage;
      return { kind: "whole", head, bytes: read.bytes };
    },
  };
  return answer;
}

/** The last pieces, with the bytes in which a usage stands. */
function lastOf(pieces: readonly Buffer[]): Buffer[] {
  let bytes = 0;
  let first = pieces.length;
  while (first > 0 && bytes < TAIL_BYTES) {
    first -= 1;
    bytes += pieces[first]?.length ?? 0;
  }
  return pieces.slice(first);
}

/** An error that came under a 200, before content: judged like the status that it should have had. */
function failedInside(
  head: ResponseHead,
  { reason, error }: { readonly reason: string; readonly error: ProviderError | undefined },
): AttemptStep {
  if (error === undefined) return { kind: "fail", reason };
  const status = STATUS_BY_MEANING[error.meaning];
  return { kind: "answered-error", answered: { status, head, body: undefined, error } };
}

function readEvents(head: ResponseHead, reader: StreamAnswerReader): AttemptAnswer {
  const frames = createSseFrames();
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isEnded = false;
  const open = (): AttemptStep => {
    answer.isCommitted = true;
    const bytes = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
    held = [];
    return { kind: "commit", head, bytes, isEvents: true };
  };
  const hold = (bytes: Buffer): void => {
    if (bytes.length > 0) held.push(bytes);
    heldBytes += bytes.length;
  };
  const onStep = (step: AnswerStep): AttemptStep => {
    if (step.usage) answer.usage = step.usage;
    const { reason = "an error event", error, bytes } = step;
    if (answer.isCommitted) {
      if (step.kind === "error") return { kind: "cut", bytes, reason, error };
      return bytes.length === 0 ? WAIT : { kind: "pass", bytes };
    }
    if (step.kind === "error") return failedInside(head, { reason, error });
    if (step.kind === "end" && !step.hasContent) return { kind: "fail", reason: "a stream without content" };
    hold(bytes);
    return step.hasContent || heldBytes > MAX_HELD_BYTES ? open() : WAIT;
  };
  const answer: AttemptAnswer = {
    isError: false,
    isCommitted: false,
    isWhole: false,
    usage: undefined,
    onData(chunk) {
      const complete = frames.push(chunk);
      if (complete.length === 0 || isEnded) return WAIT;
      const step = reader.read(complete);
      isEnded = step.kind === "end";
      answer.isWhole = isEnded;
      return onStep(step);
    },
    onEnd() {
      if (isEnded) return { kind: "end", bytes: frames.rest() };
      const step = reader.close(frames.rest());
      isEnded = true;
      answer.isWhole = step.kind !== "error";
      if (step.kind === "error" || !answer.isCommitted) return onStep(step);
      if (step.usage) answer.usage = step.usage;
      return { kind: "end", bytes: step.bytes };
    },
  };
  return answer;
}
