// Chat completions, completions and embeddings whose bytes are kept.
import type { EventReading } from "../dialect.ts";
import { createContentCounter } from "../pass-through/content-bytes.ts";
import { createKeyTable, scanMembers } from "../pass-through/member-scan.ts";
import type { PassThrough } from "../pass-through/pass-through.ts";
import { createCallScanner } from "../pass-through/scan-call.ts";
import { spliceBody } from "../pass-through/splice.ts";
import { spliceCall } from "../pass-through/splice-call.ts";
import { JsonFault } from "../json-cursor.ts";
import { readChatFrame } from "./read-frame.ts";

const scanner = createCallScanner({
  maxTokens: ["max_tokens", "max_completion_tokens"],
  choices: ["n", "best_of"],
  tools: ["tools", "functions"],
  logprobs: ["logprobs", "top_logprobs", "prompt_logprobs"],
  // The engines' own names beside OpenAI's.
  outputGrammar: [
    "response_format",
    "structured_outputs",
    "guided_json",
    "guided_regex",
    "guided_choice",
    "guided_grammar",
    "grammar",
    "json_schema",
    "regex",
    "ebnf",
    "format",
  ],
  stateful: [],
  ownPrompting: ["continue_final_message", "add_generation_prompt", "echo"],
  stop: "stop",
  user: "user",
  system: undefined,
  hasStreamOptions: true,
});

// Names that engines and providers have for reasoning included; `text` is what the older completions write.
const contentBytes = createContentCounter([
  "content",
  "text",
  "reasoning_content",
  "reasoning",
  "refusal",
  "arguments",
  "name",
]);

// One pass of one expression: eight searches with `includes` took ten times as long.
const MARKS = /"finish_reason": ?"|"usage": ?\{|"error"|\[DONE\]|error:|event: ?error/;
const FRAME_KEYS = createKeyTable(["usage", "choices"]);
const NOTHING = Buffer.alloc(0);

/** The pass-through of the chat dialect. */
export const chatPassThrough: PassThrough = {
  ...scanner,
  splice: spliceCall,
  mayMatter: (frames) => MARKS.test(frames.toString("latin1")),
  createFrameReader: () => readReading,
  contentBytes,
  stripUsage(frame) {
    const fast = stripAtEnd(frame);
    if (fast) return fast;
    const mark = frame.indexOf('"usage"');
    if (mark < 0) return frame;
    const start = frame.lastIndexOf("data:", mark) + 5;
    let end = frame.indexOf(0x0a, mark);
    if (end < 0) end = frame.length;
    if (frame[end - 1] === 0x0d) end -= 1;
    return start < 5 ? frame : strip(frame, start, end);
  },
};

function readReading(frame: string): EventReading {
  return readChatFrame(frame).reading;
}

const NULL_AT_END = ',"usage":null}\n\n';
const END_WITHOUT = Buffer.from("}\n\n");

/** The usual place: what stands before the last brace of the JSON is a member of its top level. */
function stripAtEnd(frame: Buffer): Buffer | undefined {
  const start = frame.length - NULL_AT_END.length;
  if (start < 0 || frame.toString("latin1", start) !== NULL_AT_END) return undefined;
  return Buffer.concat([frame.subarray(0, start), END_WITHOUT]);
}

/** The JSON of a frame stands between start and end. */
function strip(frame: Buffer, start: number, end: number): Buffer {
  const json = frame.subarray(start, end);
  try {
    const [keyStart = 0, usageStart = 0, usageEnd = 0, , choicesStart = 0, choicesEnd = 0] = scanMembers(
      json,
      FRAME_KEYS,
    ).offsets;
    if (usageStart === 0) return frame;
    if (json[usageStart] === 0x6e) {
      const stripped = spliceBody(json, [], [{ keyStart, start: usageStart, end: usageEnd }]);
      return Buffer.concat([frame.subarray(0, start), stripped, frame.subarray(end)]);
    }
    // Usage beside choices is the backend's own habit, not our asking.
    const hasNoChoices = /^\[\s*\]$/.test(json.toString("latin1", choicesStart, choicesEnd));
    return hasNoChoices ? NOTHING : frame;
  } catch (error) {
    if (error instanceof JsonFault) return frame;
    throw error;
  }
}
