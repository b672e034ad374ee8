// What one attempt of a model call brings back, and what it means before anything reached the client: an error status and a whole
// short answer are held, a stream waits at its gate. The outcome goes to the run, which decides.
import { createSseGate, type GateStep, type SseGate } from "../dialects/openai/sse-gate.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import { headerValue } from "./response-headers.ts";

/** A response kept whole, so that it can be answered when nothing better comes. */
export interface HeldResponse {
  readonly head: ResponseHead;
  readonly body: Buffer;
}

/** Bytes of an answer that are held until it is whole; a longer one is passed on as it comes. */
export const MAX_HELD_ANSWER_BYTES = 256 * 1024;
/** Bytes of an error's body that are kept. */
const MAX_ERROR_BYTES = 64 * 1024;

/** What the run does next. */
export type ModelStep =
  | { readonly kind: "wait" }
  /** Commit: write this head and these bytes, and go on with `pass`. */
  | { readonly kind: "commit"; readonly head: ResponseHead; readonly bytes: Buffer; readonly isEvents: boolean }
  | { readonly kind: "pass"; readonly bytes: Buffer }
  /** The answer is whole and nothing of it was sent. */
  | { readonly kind: "whole"; readonly response: HeldResponse }
  | { readonly kind: "end"; readonly bytes: Buffer }
  /** Not an answer: try elsewhere. */
  | { readonly kind: "fail"; readonly reason: string; readonly response?: HeldResponse }
  /** Cut after the commit point. */
  | { readonly kind: "cut"; readonly reason: string };

/** Reads one attempt's response. */
export interface ModelResponse {
  isCommitted: boolean;
  onData(chunk: Buffer): ModelStep;
  onEnd(): ModelStep;
}

const WAIT: ModelStep = { kind: "wait" };
const NOTHING = Buffer.alloc(0);

/** Whether this status says that another backend may do better: the server's faults, and too many requests. */
export function isFailoverStatus(status: number): boolean {
  return status >= 500 || status === 429;
}

/** Chooses how the response is read. */
export function readModelResponse(head: ResponseHead, isOwnKeyRefused: boolean): ModelResponse {
  if (isFailoverStatus(head.status) || isOwnKeyRefused) return readError(head, !isOwnKeyRefused);
  const isEvents = (headerValue(head, "content-type") ?? "").startsWith("text/event-stream");
  if (isEvents && head.status === 200) return readEvents(head, createSseGate());
  return readWhole(head);
}

function readError(head: ResponseHead, isKept: boolean): ModelResponse {
  const chunks: Buffer[] = [];
  let length = 0;
  const reason = `status ${head.status}`;
  return {
    isCommitted: false,
    onData(chunk) {
      length += chunk.length;
      if (length > MAX_ERROR_BYTES) return { kind: "fail", reason };
      chunks.push(chunk);
      return WAIT;
    },
    onEnd() {
      if (!isKept) return { kind: "fail", reason };
      return { kind: "fail", reason, response: { head, body: Buffer.concat(chunks) } };
    },
  };
}

function readWhole(head: ResponseHead): ModelResponse {
  let chunks: Buffer[] = [];
  let length = 0;
  const response: ModelResponse = {
    isCommitted: false,
    onData(chunk) {
      if (response.isCommitted) return { kind: "pass", bytes: chunk };
      chunks.push(chunk);
      length += chunk.length;
      if (length <= MAX_HELD_ANSWER_BYTES) return WAIT;
      response.isCommitted = true;
      const bytes = Buffer.concat(chunks);
      chunks = [];
      return { kind: "commit", head, bytes, isEvents: false };
    },
    onEnd() {
      if (response.isCommitted) return { kind: "end", bytes: NOTHING };
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      return { kind: "whole", response: { head, body } };
    },
  };
  return response;
}

function readEvents(head: ResponseHead, gate: SseGate): ModelResponse {
  const stepOf = (step: GateStep): ModelStep => {
    if (step.kind === "hold") return WAIT;
    if (step.kind === "fail") return step;
    if (!step.isFirst) return { kind: "pass", bytes: step.bytes };
    response.isCommitted = true;
    return { kind: "commit", head, bytes: step.bytes, isEvents: true };
  };
  const response: ModelResponse = {
    isCommitted: false,
    onData: (chunk) => stepOf(gate.push(chunk)),
    onEnd() {
      const step = gate.end();
      if (step.kind === "pass") return { kind: "end", bytes: step.bytes };
      return step.kind === "hold" ? WAIT : step;
    },
  };
  return response;
}
