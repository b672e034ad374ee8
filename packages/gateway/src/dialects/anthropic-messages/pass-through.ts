// Anthropic calls whose bytes are kept.
import { createContentCounter } from "../pass-through/content-bytes.ts";
import type { PassThrough } from "../pass-through/pass-through.ts";
import { createCallScanner } from "../pass-through/scan-call.ts";
import { spliceCall } from "../pass-through/splice-call.ts";
import { createAnthropicFrameReader } from "./frame-reader.ts";

const scanner = createCallScanner({
  maxTokens: ["max_tokens"],
  choices: [],
  tools: ["tools", "mcp_servers"],
  logprobs: [],
  outputGrammar: ["output_config", "output_format"],
  stateful: ["container"],
  ownPrompting: ["thinking"],
  stop: "stop_sequences",
  user: "metadata",
  system: "system",
  hasStreamOptions: false,
});

/** In a whole message the arguments of a tool are an object. */
const contentBytes = createContentCounter(["text", "thinking", "partial_json", "name"], ["input"]);

const MARKS = /message_start|message_delta|message_stop|"error"|event: ?error/;

/** The pass-through of the Anthropic dialect. */
export const anthropicPassThrough: PassThrough = {
  ...scanner,
  splice: (body, scanned, edits) => spliceCall(body, scanned, { ...edits, maxTokensField: "max_tokens" }),
  mayMatter: (frames) => MARKS.test(frames.toString("latin1")),
  createFrameReader() {
    const readFrame = createAnthropicFrameReader();
    return (frame) => readFrame(frame).reading;
  },
  contentBytes,
  stripUsage: (frame) => frame,
};
