// Writes normal events as an Anthropic stream: message_start, each block whole and in order, message_delta with reason and usage,
// message_stop. Blocks do not overlap there, so a part that begins before an earlier one ended waits for it. What waits is bounded;
// above the bound blocks overlap, which accumulators that go by index still read rightly.
import { assertNever } from "@flyball/core";
import type { TokenUsage } from "@flyball/core";
import type { AnswerIdentity, StreamWriter } from "../dialect.ts";
import type { JsonObject } from "../json-value.ts";
import type { NormalEnd } from "../normal-form/normal-answer.ts";
import type { NormalEvent, NormalPartOpening } from "../normal-form/normal-event.ts";
import { writeSseFrame } from "../sse-frame.ts";
import { writeAnthropicStreamError } from "./errors.ts";
import { anthropicStopReason } from "./stop-reason.ts";
import { writeAnthropicUsage } from "./usage.ts";

/** Characters of frames that wait for an earlier block. */
export const MAX_WAITING_CHARACTERS = 1024 * 1024;

interface Block {
  readonly index: number;
  readonly opens: NormalPartOpening;
  waiting: string;
  isOpen: boolean;
  isEnded: boolean;
}

/** Creates a writer for one answer. Usage is always written: it is part of this dialect. */
export function createAnthropicStreamWriter({ id, model }: AnswerIdentity): StreamWriter {
  const blocks = new Map<number, Block>();
  /** Parts whose blocks are not closed, in order. */
  const queue: Block[] = [];
  let waitingCharacters = 0;
  let usage: TokenUsage | undefined;
  let end: { readonly end: NormalEnd; readonly stopSequence: string | undefined } = {
    end: "stop",
    stopSequence: undefined,
  };

  const openBlock = (block: Block): string => {
    block.isOpen = true;
    waitingCharacters -= block.waiting.length;
    const frames =
      typed({ type: "content_block_start", index: block.index, content_block: emptyBlock(block.opens) }) +
      block.waiting;
    block.waiting = "";
    return frames;
  };
  /** Everything that may go out now. */
  const advance = (): string => {
    let frames = "";
    if (waitingCharacters > MAX_WAITING_CHARACTERS)
      for (const block of queue) if (!block.isOpen) frames += openBlock(block);
    for (let block = queue[0]; block; block = queue[0]) {
      if (!block.isOpen) frames += openBlock(block);
      if (!block.isEnded) break;
      frames += typed({ type: "content_block_stop", index: block.index });
      queue.shift();
    }
    return frames;
  };
  const delta = (part: number, members: JsonObject): string => {
    const block = blocks.get(part);
    if (!block) return "";
    const frame = typed({ type: "content_block_delta", index: block.index, delta: members });
    if (block.isOpen) return frame;
    block.waiting += frame;
    waitingCharacters += frame.length;
    return advance();
  };
  const begin = (): string => {
    const message = {
      id,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: writeAnthropicUsage(usage),
    };
    return typed({ type: "message_start", message });
  };
  const finish = (): string => {
    for (const block of queue) block.isEnded = true;
    const members = { stop_reason: anthropicStopReason(end.end), stop_sequence: end.stopSequence ?? null };
    return (
      advance() +
      typed({ type: "message_delta", delta: members, usage: writeAnthropicUsage(usage) }) +
      typed({ type: "message_stop" })
    );
  };

  return {
    write(event: NormalEvent) {
      switch (event.kind) {
        case "begin":
          ({ usage } = event);
          return begin();
        case "part-begin": {
          const block = { index: blocks.size, opens: event.opens, waiting: "", isOpen: false, isEnded: false };
          blocks.set(event.part, block);
          queue.push(block);
          return advance();
        }
        case "text":
          return delta(event.part, { type: "text_delta", text: event.text });
        case "thinking":
          return delta(event.part, { type: "thinking_delta", thinking: event.text });
        case "signature":
          return delta(event.part, { type: "signature_delta", signature: event.signature });
        case "arguments":
          return delta(event.part, { type: "input_json_delta", partial_json: event.text });
        case "part-end": {
          const block = blocks.get(event.part);
          if (block) block.isEnded = true;
          return advance();
        }
        case "end":
          end = event;
          return "";
        case "usage":
          ({ usage } = event);
          return "";
        case "done":
          return finish();
        default:
          return assertNever(event);
      }
    },
    writeError: writeAnthropicStreamError,
  };
}

function emptyBlock(opens: NormalPartOpening): JsonObject {
  switch (opens.kind) {
    case "text":
      return { type: "text", text: "" };
    case "thinking":
      if (opens.redacted !== undefined) return { type: "redacted_thinking", data: opens.redacted };
      return { type: "thinking", thinking: "", signature: "" };
    case "tool-call":
      return { type: "tool_use", id: opens.id, name: opens.name, input: {} };
    default:
      return assertNever(opens);
  }
}

/** Both the event's name and the type inside. */
function typed(event: { readonly type: string } & JsonObject): string {
  return writeSseFrame(event, event.type);
}
