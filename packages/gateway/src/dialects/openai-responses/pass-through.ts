// Responses calls whose bytes are kept.
import type { EventReading } from "../dialect.ts";
import { createContentCounter } from "../pass-through/content-bytes.ts";
import type { PassThrough } from "../pass-through/pass-through.ts";
import { createCallScanner } from "../pass-through/scan-call.ts";
import { spliceCall } from "../pass-through/splice-call.ts";
import { readResponsesFrame } from "./read-frame.ts";

const scanner = createCallScanner({
  maxTokens: ["max_output_tokens"],
  choices: [],
  tools: ["tools"],
  logprobs: ["top_logprobs", "include"],
  outputGrammar: ["text"],
  stateful: ["previous_response_id", "conversation", "background"],
  ownPrompting: [],
  // The API has none; engines take chat's.
  stop: "stop",
  user: "user",
  conversation: "input",
  system: "instructions",
  hasStreamOptions: false,
});

// What deltas said is said again by the events that end a part, an item and the answer.
const deltaBytes = createContentCounter(["delta"]);
const outputBytes = createContentCounter(["text", "refusal", "arguments"]);

const MARKS = /"response\.(?:completed|incomplete|failed|cancelled)"|"error"|event: ?error/;

/** The pass-through of the Responses dialect. */
export const responsesPassThrough: PassThrough = {
  ...scanner,
  splice: (body, scanned, edits) => spliceCall(body, scanned, { ...edits, maxTokensField: "max_output_tokens" }),
  mayMatter: (frames) => MARKS.test(frames.toString("latin1")),
  createFrameReader: () => readReading,
  contentBytes: (bytes, isEvents) => (isEvents ? deltaBytes(bytes) : outputBytes(bytes)),
  stripUsage: (frame) => frame,
};

function readReading(frame: string): EventReading {
  return readResponsesFrame(frame).reading;
}
