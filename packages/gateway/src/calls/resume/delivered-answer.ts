// What a client has of an answer that was cut, read from the very bytes that it was sent. Nothing is read while all goes well.
import type { Dialect, StreamWriter } from "../../dialects/dialect.ts";
import type { NormalEvent } from "../../dialects/normal-form/normal-event.ts";
import { splitFrames } from "../../stream/split-frames.ts";

/** Delivered bytes that are kept; a longer answer is not resumed. */
export const MAX_DELIVERED_BYTES = 4 * 1024 * 1024;

/** The answer so far. */
export interface DeliveredAnswer {
  readonly id: string;
  /** As the client saw it. */
  readonly model: string;
  /** All visible text. */
  readonly text: string;
  /** The part that is open: its text goes on. */
  readonly openPart: number;
  /** The model was seen thinking. */
  readonly hasReasoning: boolean;
  /** Pieces of text that came: engines send one token each. */
  readonly pieces: number;
  /** Everything that came, to bring a writer to the same state; and the frames that it came in. */
  readonly events: readonly NormalEvent[];
  readonly frames: Buffer;
}

/** Brings a fresh writer to where the client is. */
export function catchUp(writer: StreamWriter, { events, frames }: DeliveredAnswer): void {
  for (const event of events) writer.write(event);
  writer.goOnBehind?.(frames);
}

/** Reads it; undefined when the cut is not in visible text, or the answer was as good as whole. */
export function readDelivered(dialect: Dialect, chunks: readonly Buffer[]): DeliveredAnswer | undefined {
  const reader = dialect.createStreamReader();
  const events: NormalEvent[] = [];
  const frames = Buffer.concat(chunks);
  for (const frame of splitFrames(frames)) {
    const step = reader.read(frame.toString("utf8").trimEnd());
    if (step.reading.kind === "error" || step.reading.kind === "end") return undefined;
    events.push(...step.events);
  }
  return summarise(events, frames);
}

function summarise(events: readonly NormalEvent[], frames: Buffer): DeliveredAnswer | undefined {
  let text = "";
  let pieces = 0;
  let hasReasoning = false;
  let open: { readonly part: number; readonly isText: boolean } | undefined;
  let begin: Extract<NormalEvent, { kind: "begin" }> | undefined;
  for (const event of events) {
    if (event.kind === "begin") begin = event;
    else if (event.kind === "part-begin") {
      if (event.opens.kind === "tool-call") return undefined;
      if (event.opens.kind === "thinking") hasReasoning = true;
      open = { part: event.part, isText: event.opens.kind === "text" };
    } else if (event.kind === "part-end") open = undefined;
    else if (event.kind === "end") return undefined;
    else if (event.kind === "text") {
      text += event.text;
      pieces += 1;
    }
  }
  if (!begin || open?.isText !== true || text === "") return undefined;
  return { id: begin.id, model: begin.model, text, openPart: open.part, hasReasoning, pieces, events, frames };
}
