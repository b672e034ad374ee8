// Reads a stream of one dialect for a client of another: each frame becomes events of the normal form, each event frames for the client.
import type { TokenUsage } from "@flyball/core";
import type { StreamReader, StreamStep, StreamWriter } from "../dialects/dialect.ts";
import { splitFrames } from "../stream/split-frames.ts";
import { NO_BYTES, type AnswerStep, type StreamAnswerReader } from "./answer-reader.ts";

/** Creates it. */
export function createTranslatingReader(reader: StreamReader, writer: StreamWriter): StreamAnswerReader {
  let hasContent = false;
  const translate = (steps: readonly StreamStep[]): AnswerStep => {
    let text = "";
    let kind: AnswerStep["kind"] = "held";
    let usage: TokenUsage | undefined;
    for (const { reading, events } of steps) {
      for (const event of events) text += writer.write(event);
      if (reading.usage) usage = reading.usage;
      if (reading.kind === "error") {
        return { kind: "error", hasContent, bytes: toBytes(text), usage, reason: reading.reason, error: reading.error };
      }
      hasContent ||= reading.kind === "content";
      if (reading.kind !== "held" && kind !== "end") kind = reading.kind;
    }
    return { kind, hasContent, bytes: toBytes(text), usage };
  };
  const readAll = (frames: Buffer): StreamStep[] => {
    const steps: StreamStep[] = [];
    for (const frame of splitFrames(frames)) {
      const step = reader.read(frame.toString("utf8").trimEnd());
      steps.push(step);
      if (step.reading.kind === "error" || step.reading.kind === "end") break;
    }
    return steps;
  };
  return {
    read: (frames) => translate(readAll(frames)),
    close(rest) {
      const steps = rest.length > 0 ? readAll(rest) : [];
      const last = steps.at(-1)?.reading.kind;
      return translate(last === "error" || last === "end" ? steps : [...steps, reader.close()]);
    },
  };
}

function toBytes(text: string): Buffer {
  return text === "" ? NO_BYTES : Buffer.from(text);
}
