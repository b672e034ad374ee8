// The text and the reasoning of a message or a delta. Both stand in one field each with OpenAI, DeepSeek, Qwen and the engines; Mistral
// writes a list with both.
import { asList, asObject, asText, type JsonObject } from "../json-value.ts";

/** A piece of an answer. */
export interface ContentPiece {
  readonly kind: "text" | "refusal" | "thinking";
  readonly text: string;
}

/** The pieces of a `content`. */
export function contentPieces(content: unknown): readonly ContentPiece[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return asList(content).map((item): ContentPiece => {
    const part = asObject(item) ?? {};
    if (part["type"] === "thinking") {
      const { thinking } = part;
      const text =
        asText(thinking) ??
        asList(thinking)
          .map((piece) => asText(asObject(piece)?.["text"]) ?? "")
          .join("");
      return { kind: "thinking", text };
    }
    if (part["type"] === "refusal") return { kind: "refusal", text: asText(part["refusal"]) ?? "" };
    return { kind: "text", text: asText(part["text"]) ?? "" };
  });
}

/** Reasoning under either of its names; a server that writes both means the same text. */
export function reasoningText(message: JsonObject): string {
  return asText(message["reasoning_content"]) || asText(message["reasoning"]) || "";
}
