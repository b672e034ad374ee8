// The commit point of a streamed model call. Until the first content it holds what came, so that the call can still go elsewhere;
// from then on it passes complete frames on as they come. It decides and holds bytes; it neither reads nor writes sockets.
import { createSseFrames } from "../../stream/sse-frames.ts";
import { sseEventKind } from "./sse-event-kind.ts";

/** Bytes held before the first content. With more the stream counts as begun: memory is bounded. */
export const MAX_HELD_BYTES = 64 * 1024;

/** What a piece of the stream means. */
export type GateStep =
  /** Nothing for the client yet. */
  | { readonly kind: "hold" }
  /** Pass this on. `isFirst` marks the commit point. */
  | { readonly kind: "pass"; readonly bytes: Buffer; readonly isFirst: boolean }
  /** The upstream failed before its first content. */
  | { readonly kind: "fail"; readonly reason: string };

/** A gate for one attempt. */
export interface SseGate {
  push(chunk: Buffer): GateStep;
  /** The upstream ended its stream in order. */
  end(): GateStep | { readonly kind: "cut"; readonly reason: string };
}

const HOLD: GateStep = { kind: "hold" };

/** Creates a gate at the beginning of a response. */
export function createSseGate(): SseGate {
  const frames = createSseFrames();
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isOpen = false;
  let sawEnd = false;
  const open = (): GateStep => {
    isOpen = true;
    const bytes = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
    held = [];
    return { kind: "pass", bytes, isFirst: true };
  };
  return {
    push(chunk) {
      const complete = frames.push(chunk);
      if (complete.length === 0) return HOLD;
      sawEnd ||= endsAnswer(complete);
      if (isOpen) return { kind: "pass", bytes: complete, isFirst: false };
      held.push(complete);
      heldBytes += complete.length;
      for (const frame of complete.toString("utf8").split(/\r\n\r\n|\n\n|\r\r/)) {
        const event = sseEventKind(frame);
        if (event.kind === "content") return open();
        if (event.kind === "error") return { kind: "fail", reason: `an error event: ${event.reason}` };
        if (event.kind === "done") return { kind: "fail", reason: "a stream without content" };
      }
      return heldBytes > MAX_HELD_BYTES ? open() : HOLD;
    },
    end() {
      if (!isOpen) return { kind: "fail", reason: "a stream that ended before content" };
      if (!sawEnd) return { kind: "cut", reason: "the stream ended without a finish reason" };
      return { kind: "pass", bytes: frames.rest(), isFirst: false };
    },
  };
}

/** Quotes inside a JSON string are escaped and line feeds are too, so these marks cannot stand in text. */
function endsAnswer(frames: Buffer): boolean {
  return (
    frames.includes('"finish_reason":"') ||
    frames.includes('"finish_reason": "') ||
    frames.includes("data: [DONE]\n") ||
    frames.includes("data: [DONE]\r") ||
    frames.includes("data:[DONE]")
  );
}
