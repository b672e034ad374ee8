// Reads a stream whose client and backend speak the same dialect. Until the first content every frame is read; after it only frames that
// may carry usage, an error or an end, and all bytes are passed on as they came.
import type { TokenUsage } from "@flyball/core";
import type { PassThrough } from "../dialects/pass-through/pass-through.ts";
import { splitFrames } from "../stream/split-frames.ts";
import { NO_BYTES, type AnswerStep, type StreamAnswerReader } from "./answer-reader.ts";

/** OpenAI writes `"usage":null` into every chunk once it is asked for usage. */
const USAGE_KEY = Buffer.from('"usage"');

/** Creates it; with `stripsUsage` the client did not ask for the usage that we asked for. */
export function createPassThroughReader(passThrough: PassThrough, stripsUsage: boolean): StreamAnswerReader {
  const readFrame = passThrough.createFrameReader();
  let hasContent = false;
  let hasFinish = false;
  const read = (frames: Buffer): AnswerStep => {
    if (hasContent && !passThrough.mayMatter(frames)) {
      return { kind: "content", hasContent, bytes: stripsUsage ? stripAll(passThrough, frames) : frames };
    }
    const kept: Buffer[] = [];
    let kind: AnswerStep["kind"] = "held";
    let usage: TokenUsage | undefined;
    for (const frame of splitFrames(frames)) {
      const reading = readFrame(frame.toString("utf8").trimEnd());
      if (reading.usage) usage = reading.usage;
      hasFinish ||= reading.hasFinish === true;
      if (reading.kind === "error") {
        return { kind: "error", hasContent, bytes: join(kept), usage, reason: reading.reason, error: reading.error };
      }
      const bytes = stripsUsage ? passThrough.stripUsage(frame) : frame;
      if (bytes.length > 0) kept.push(bytes);
      if (reading.kind === "content") hasContent = true;
      if (reading.kind !== "held" && kind !== "end") kind = reading.kind;
    }
    return { kind, hasContent, bytes: isUnchanged(kept, frames) ? frames : join(kept), usage };
  };
  return {
    read,
    close(rest) {
      const step = rest.length > 0 ? read(rest) : undefined;
      if (step?.kind === "error" || step?.kind === "end") return step;
      const last = { hasContent, bytes: step?.bytes ?? NO_BYTES, usage: step?.usage };
      if (hasFinish) return { kind: "end", ...last };
      const reason = hasContent ? "the stream ended without a finish reason" : "a stream that ended before content";
      return { kind: "error", ...last, reason };
    },
  };
}

/** Plain deltas without the `"usage":null` that nobody asked for. */
function stripAll(passThrough: PassThrough, frames: Buffer): Buffer {
  if (!frames.includes(USAGE_KEY)) return frames;
  return Buffer.concat(splitFrames(frames).map((frame) => passThrough.stripUsage(frame)));
}

function isUnchanged(kept: readonly Buffer[], frames: Buffer): boolean {
  return kept.length === 1 && kept[0]?.length === frames.length;
}

function join(kept: readonly Buffer[]): Buffer {
  if (kept.length === 0) return NO_BYTES;
  return kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept);
}
