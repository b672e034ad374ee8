// The events that open, fill and close one item of a Responses stream.
import { assertNever } from "@flyball/core";
import type { JsonObject } from "../json-value.ts";
import type { NormalPartOpening } from "../normal-form/normal-event.ts";
import { ownEncryptedContent } from "./reasoning-signature.ts";
import { writeContent, writeItem, type OutputItem } from "./response-object.ts";

/** An item of the stream. */
export interface OpenItem {
  readonly opens: NormalPartOpening;
  index: number;
  id: string;
  /** Of its text, among the contents of the item. */
  contentIndex: number;
  text: string;
  signature: string | undefined;
  isEnded: boolean;
}

type Event = { readonly type: string } & JsonObject;

/** The item with what it holds so far. */
export function wholeItem({ opens, text, signature }: OpenItem): OutputItem {
  switch (opens.kind) {
    case "text":
      return { kind: "text", text, isRefusal: opens.isRefusal === true };
    case "thinking":
      return { kind: "thinking", text, signature: ownEncryptedContent({ ...opens, signature }) };
    case "tool-call":
      return { kind: "tool-call", id: opens.id, name: opens.name, argumentsText: text };
    default:
      return assertNever(opens);
  }
}

/** Opens it. */
export function openItemEvents(item: OpenItem): Event[] {
  const { opens, id, index } = item;
  const added = {
    type: "response.output_item.added",
    output_index: index,
    item: writeItem(wholeItem(item), id, "in_progress"),
  };
  if (opens.kind === "tool-call") return [added];
  const part = partOf(item);
  if (opens.kind === "text") return [added, { type: "response.content_part.added", ...place(item), part }];
  return [added, { type: "response.reasoning_summary_part.added", ...place(item), part }];
}

/** A piece of its text. */
export function deltaEvent(item: OpenItem, delta: string): Event {
  switch (item.opens.kind) {
    case "text":
      if (item.opens.isRefusal) return { type: "response.refusal.delta", ...place(item), delta };
      return { type: "response.output_text.delta", ...place(item), delta, logprobs: [] };
    case "thinking":
      return { type: "response.reasoning_summary_text.delta", ...place(item), delta };
    case "tool-call":
      return { type: "response.function_call_arguments.delta", ...place(item), delta };
    default:
      return assertNever(item.opens);
  }
}

/** Closes it. */
export function closeItemEvents(item: OpenItem): Event[] {
  const { opens, id, index, text } = item;
  const done = {
    type: "response.output_item.done",
    output_index: index,
    item: writeItem(wholeItem(item), id, "completed"),
  };
  const part = partOf(item);
  switch (opens.kind) {
    case "text": {
      const said = opens.isRefusal
        ? { type: "response.refusal.done", ...place(item), refusal: text }
        : { type: "response.output_text.done", ...place(item), text, logprobs: [] };
      return [said, { type: "response.content_part.done", ...place(item), part }, done];
    }
    case "thinking":
      return [
        { type: "response.reasoning_summary_text.done", ...place(item), text },
        { type: "response.reasoning_summary_part.done", ...place(item), part },
        done,
      ];
    case "tool-call":
      return [
        { type: "response.function_call_arguments.done", ...place(item), name: opens.name, arguments: text },
        done,
      ];
    default:
      return assertNever(opens);
  }
}

function place({ opens, id, index, contentIndex }: OpenItem): JsonObject {
  if (opens.kind === "text") return { item_id: id, output_index: index, content_index: contentIndex };
  if (opens.kind === "thinking") return { item_id: id, output_index: index, summary_index: 0 };
  return { item_id: id, output_index: index };
}

function partOf({ opens, text }: OpenItem): JsonObject {
  if (opens.kind === "text") return writeContent({ text, isRefusal: opens.isRefusal === true });
  return { type: "summary_text", text };
}
