// Anthropic calls whose bytes are kept.
import type { PassThrough } from "../pass-through/pass-through.ts";
import { createCallScanner } from "../pass-through/scan-call.ts";
import { spliceCall } from "../pass-through/splice-call.ts";
import { createAnthropicFrameReader } from "./frame-reader.ts";

const scan = createCallScanner({
  maxTokens: ["max_tokens"],
  choices: [],
  tools: ["tools", "mcp_servers"],
  logprobs: [],
  outputGrammar: ["output_config", "output_format"],
  stateful: ["container"],
  ownPrompting: ["thinking"],
  stop: "stop_sequences",
  user: "metadata",
  hasStreamOptions: false,
});

/** The pass-through of the Anthropic dialect. */
export const anthropicPassThrough: PassThrough = {
  scan,
  splice: (body, scanned, edits) => spliceCall(body, scanned, { ...edits, maxTokensField: "max_tokens" }),
  mayMatter: (frames) =>
    frames.includes("message_delta") ||
    frames.includes("message_stop") ||
    frames.includes('"error"') ||
    frames.includes("event: error"),
  createFrameReader() {
    const readFrame = createAnthropicFrameReader();
    return (frame) => readFrame(frame).reading;
  },
  stripUsage: (frame) => frame,
};
