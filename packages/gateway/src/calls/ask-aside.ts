// Long calls: what reads all of a body is asked of the thread beside the worker (../aside). The body is lent to it, and the call waits for it as
// for a place: its client may leave, and its deadline may pass. Meanwhile no attempt of the call runs, and nobody looks at its body.
import { assertNever } from "@flyball/core";
import type { AsideResult, AsideWork, WrittenAside } from "../aside/aside-work.ts";
import type { AsideOutcome } from "../aside/side-thread.ts";
import { freeBytes } from "../body/collect-body.ts";
import { readCacheWish } from "../cache/cache-control.ts";
import type { Translated, WrittenRequest } from "../dialects/dialect.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { callError, type CallError } from "./call-client.ts";
import type { ModelCall } from "./model-call.ts";
import { speaksSame, writtenBefore } from "./backend-request.ts";

/** Whatever reads a shorter body takes about 10 ms at most: messages of 200 characters are translated at 20 ms a MiB … */
const LONG_BYTES = 512 * 1024;
/** … and values that are numbers, one by one, at half a microsecond each. */
const MANY_VALUES = 16_384;

/**
 * Text takes six times its bytes while it is translated, and each of the 320,000 values that a scan lets pass takes up to 400: what is longer than
 * this would come near the thread's memory.
 */
const MOST_BYTES = 256 * 1024 * 1024;

/** Whether what reads all of it would hold the event loop for too long. */
function isLong({ body, scan, face }: Pick<ModelCall, "body" | "scan" | "face">): boolean {
  return !face.isForm && (body.length > LONG_BYTES || scan.values > MANY_VALUES);
}

/** How a wait for the thread ends. */
export interface AsideEnd {
  readonly go: () => void;
  readonly refuse: (error: CallError) => void;
}

/** Whether limits or cache want to know something of a call that only a look at all of its long body tells. */
export function needsSurvey(call: ModelCall): boolean {
  return isLong(call) && (call.scan.mayHoldMedia || wantsDigest(call));
}

/** Finds it out. */
export function surveyAside(call: ModelCall, end: AsideEnd): void {
  const work = { kind: "survey", wantsMedia: call.scan.mayHoldMedia, wantsDigest: wantsDigest(call) } as const;
  ask(call, work, end, (result) => {
    if (result.kind === "surveyed") call.survey = result.survey;
  });
}

function wantsDigest({ model, scan, exchange }: ModelCall): boolean {
  if (model.memory.cache === undefined || scan.isStateful) return false;
  return readCacheWish(exchange.request.headers["cache-control"]) !== "pass-by";
}

/** Whether a call has to be translated for this backend first, and is too long for the event loop. */
export function needsTranslation(call: ModelCall, backend: ServingBackend, maxTokens: number | undefined): boolean {
  return !speaksSame(call, backend) && isLong(call) && !writtenBefore(call, backend, maxTokens);
}

/** Translates it; what is written is there for `writeBackendRequest`. */
export function translateAside(
  call: ModelCall,
  { backend, maxTokens }: { readonly backend: ServingBackend; readonly maxTokens: number | undefined },
  end: AsideEnd,
): void {
  const { traits, model, dialect } = backend;
  const [from, to] = [call.face.dialect.name, dialect.name];
  ask(call, { kind: "translate", from, to, model, traits, maxTokens }, end, (result) => {
    if (result.kind === "written") call.written = { backend, maxTokens, request: requestOf(result.written) };
  });
}

function requestOf(written: Translated<WrittenAside>): Translated<WrittenRequest> {
  if (written.kind === "refused") return written;
  return { kind: "translated", value: { ...written.value, body: Buffer.from(written.value.body.buffer) } };
}

function ask(call: ModelCall, work: AsideWork, { go, refuse }: AsideEnd, take: (result: AsideResult) => void): void {
  const { exchange } = call;
  const { aside, metrics } = exchange.context;
  if (call.body.length > MOST_BYTES) {
    const reason = `it is longer than ${MOST_BYTES} bytes`;
    refuse(callError("FB_GATEWAY_LONG_CALL", { reason }, { isRetryable: false }));
    return;
  }
  let isLent = false;
  let isOver = false;
  const wait = aside.ask({
    work,
    until: exchange.deadlineAt,
    lend() {
      isLent = call.bodyReaders === 0 && isLendable(call.body);
      return (isLent ? call.body.buffer : new Uint8Array(call.body).buffer) as ArrayBuffer;
    },
    onDone(outcome) {
      isOver = true;
      exchange.running = undefined;
      metrics.longCalls.series(work.kind, outcomeName(outcome)).add();
      if (outcome.kind === "done") takeBack(call, Buffer.from(outcome.body), isLent);
      const fault = faultOf(call, outcome);
      if (fault !== undefined) {
        refuse(fault);
        return;
      }
      if (outcome.kind === "done") take(outcome.result);
      go();
    },
  });
  if (!isOver) exchange.running = wait;
}

/** What others may read is copied, and so is what is short enough to lie where a parser has put it. */
function isLendable(bytes: Buffer): boolean {
  return bytes.length > LONG_BYTES && bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.length;
}

function takeBack(call: ModelCall, body: Buffer, wasLent: boolean): void {
  if (wasLent) call.body = body;
  else freeBytes(body);
}

function outcomeName(outcome: AsideOutcome): string {
  return outcome.kind === "done" && outcome.result.kind === "threw" ? "threw" : outcome.kind;
}

function faultOf({ model }: ModelCall, outcome: AsideOutcome): CallError | undefined {
  switch (outcome.kind) {
    case "done":
      return outcome.result.kind === "threw"
        ? callError("FB_GATEWAY_LONG_CALL", { reason: outcome.result.reason }, { isRetryable: false })
        : undefined;
    case "late":
      return outcome.isDue
        ? callError("FB_GATEWAY_DEADLINE", {})
        : callError("FB_GATEWAY_OVERLOADED", { service: model.name });
    case "full":
      return callError("FB_GATEWAY_OVERLOADED", { service: model.name });
    case "lost": {
      const { reason, isTooLarge } = outcome;
      return callError("FB_GATEWAY_LONG_CALL", { reason }, { isRetryable: !isTooLarge });
    }
    default:
      return assertNever(outcome);
  }
}
