// Reads a stream of pictures, sounds or transcripts, whose events no dialect of text knows: each is content and is passed on as it came.
// The last one tells the usage; an error event is an error. The stream has no terminal event of one name, so its end is that of its bytes.
import type { TokenUsage } from "@flyball/core";
import { asObject, parseJson } from "../dialects/json-value.ts";
import { openAiErrorOf } from "../dialects/openai-chat/errors.ts";
import { readChatUsage } from "../dialects/openai-chat/usage.ts";
import { readSseFrame } from "../dialects/sse-frame.ts";
import { splitFrames } from "../stream/split-frames.ts";
import { NO_BYTES, type AnswerStep, type StreamAnswerReader } from "./answer-reader.ts";

const MARKS = /"usage"|"error"|event: ?error/;

/** Creates it. */
export function createMediaReader(): StreamAnswerReader {
  let hasContent = false;
  const read = (frames: Buffer): AnswerStep => {
    let usage: TokenUsage | undefined;
    if (MARKS.test(frames.toString("latin1"))) {
      for (const frame of splitFrames(frames)) {
        const { event: name, data } = readSseFrame(frame.toString("utf8").trimEnd());
        const event = asObject(parseJson(data));
        const error = openAiErrorOf(event, 0);
        if (error || name === "error") {
          return { kind: "error", hasContent, bytes: NO_BYTES, usage, reason: "an error event", error };
        }
        usage = readChatUsage(event) ?? usage;
      }
    }
    hasContent ||= frames.includes("data:");
    return { kind: hasContent ? "content" : "held", hasContent, bytes: frames, usage };
  };
  return {
    read,
    close(rest) {
      const step = rest.length > 0 ? read(rest) : undefined;
      if (step?.kind === "error") return step;
      const last = { hasContent, bytes: step?.bytes ?? NO_BYTES, usage: step?.usage };
      return hasContent
        ? { kind: "end", ...last }
        : { kind: "error", ...last, reason: "a stream that ended before content" };
    },
  };
}
