// The parts of one streamed response: which are open, under the keys by which its events name them.
import { asText, type JsonObject } from "../json-value.ts";
import type { NormalEvent, NormalPartOpening } from "../normal-form/normal-event.ts";
import { packSignature } from "./reasoning-signature.ts";
import { reasoningTexts } from "./read-output.ts";

interface OpenPart {
  readonly part: number;
  readonly kind: NormalPartOpening["kind"];
  hasText: boolean;
  isEnded: boolean;
}

/** The parts of one answer. Keys are `item` for reasoning and calls, `item:content` for the parts of a message. */
export interface ResponseParts {
  /** Opens a part unless its key is known. */
  open(key: string, opens: NormalPartOpening, events: NormalEvent[]): void;
  append(key: string, text: string, events: NormalEvent[]): void;
  /** Text that comes whole counts only when no piece of it came before. */
  appendWhole(key: string, text: string, events: NormalEvent[]): void;
  close(key: string, events: NormalEvent[], signature?: string): void;
  /** Ends an item with all its parts; what its end alone tells is told now. */
  closeItem(key: string, item: JsonObject, events: NormalEvent[]): void;
  closeAll(events: NormalEvent[]): void;
  count(): number;
  hasToolCalls(): boolean;
  hasRefusal(): boolean;
}

/** Creates it. */
export function createResponseParts(): ResponseParts {
  const parts = new Map<string, OpenPart>();
  let hasToolCalls = false;
  let hasRefusal = false;

  const append = (key: string, text: string, events: NormalEvent[]): void => {
    const open = parts.get(key);
    if (!open || open.isEnded || text === "") return;
    open.hasText = true;
    const kind = open.kind === "tool-call" ? "arguments" : open.kind;
    events.push({ kind, part: open.part, text });
  };
  const close = (key: string, events: NormalEvent[], signature?: string): void => {
    const open = parts.get(key);
    if (!open || open.isEnded) return;
    if (open.kind === "tool-call" && !open.hasText) append(key, "{}", events);
    open.isEnded = true;
    if (signature !== undefined) events.push({ kind: "signature", part: open.part, signature });
    events.push({ kind: "part-end", part: open.part });
  };
  const appendWhole = (key: string, text: string, events: NormalEvent[]): void => {
    if (!parts.get(key)?.hasText) append(key, text, events);
  };
  const open = (key: string, opens: NormalPartOpening, events: NormalEvent[]): void => {
    if (parts.has(key)) return;
    hasToolCalls ||= opens.kind === "tool-call";
    hasRefusal ||= opens.kind === "text" && opens.isRefusal === true;
    const part = parts.size;
    parts.set(key, { part, kind: opens.kind, hasText: false, isEnded: false });
    events.push({ kind: "part-begin", part, opens });
  };

  return {
    open,
    append,
    appendWhole,
    close,
    closeItem(key, item, events) {
      if (item["type"] === "reasoning") {
        const signature = packSignature(asText(item["id"]) ?? "", asText(item["encrypted_content"]));
        const text = reasoningTexts(item).join("\n\n");
        if (signature !== undefined || text !== "") open(key, { kind: "thinking" }, events);
        appendWhole(key, text, events);
        close(key, events, signature);
        return;
      }
      appendWhole(key, asText(item["arguments"]) ?? "", events);
      for (const name of parts.keys()) if (name === key || name.startsWith(`${key}:`)) close(name, events);
    },
    closeAll(events) {
      for (const key of parts.keys()) close(key, events);
    },
    count: () => parts.size,
    hasToolCalls: () => hasToolCalls,
    hasRefusal: () => hasRefusal,
  };
}
