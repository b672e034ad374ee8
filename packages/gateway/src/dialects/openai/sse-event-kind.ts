// What one event of an OpenAI stream means for the commit point. Only events before the commit point are read like this; what follows
// is passed on unread.

/** Held events may be thrown away and the call sent elsewhere; content may not. */
export type SseEventKind =
  /** A comment, a role without content, usage alone. */
  | { readonly kind: "held" }
  /** Text, reasoning, a tool call, a refusal or a reason to end: the client is to see it. */
  | { readonly kind: "content" }
  | { readonly kind: "error"; readonly reason: string }
  | { readonly kind: "done" };

const HELD: SseEventKind = { kind: "held" };
const CONTENT: SseEventKind = { kind: "content" };

/** Reads one frame: its lines without the empty one at its end. */
export function sseEventKind(frame: string): SseEventKind {
  let data = "";
  let event = "";
  for (const line of frame.split(/\r\n|\n|\r/)) {
    if (line.startsWith("data:")) data += line.slice(line.startsWith("data: ") ? 6 : 5);
    else if (line.startsWith("event:")) event = line.slice(6).trim();
  }
  if (event === "error") return { kind: "error", reason: shorten(data) };
  if (data === "") return HELD;
  if (data.trim() === "[DONE]") return { kind: "done" };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { kind: "error", reason: `an event that is no JSON: ${shorten(data)}` };
  }
  return valueKind(value, data);
}

function valueKind(value: unknown, data: string): SseEventKind {
  if (value === null || typeof value !== "object") return CONTENT;
  if ("error" in value && value.error) return { kind: "error", reason: shorten(data) };
  if (!("choices" in value) || !Array.isArray(value.choices)) return CONTENT;
  return value.choices.some((choice: unknown) => hasContent(choice)) ? CONTENT : HELD;
}

function hasContent(choice: unknown): boolean {
  if (choice === null || typeof choice !== "object") return false;
  const { text, finish_reason, delta } = choice as Record<string, unknown>;
  if (isFilled(text) || isFilled(finish_reason)) return true;
  if (delta === null || typeof delta !== "object") return false;
  return Object.entries(delta).some(([name, member]) => name !== "role" && isFilled(member));
}

function isFilled(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return !(Array.isArray(value) && value.length === 0);
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
