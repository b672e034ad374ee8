// A normal answer as a whole response object.
import type { AnswerIdentity } from "../dialect.ts";
import type { NormalAnswer } from "../normal-form/normal-answer.ts";
import { ownEncryptedContent } from "./reasoning-signature.ts";
import { itemId, writeItem, writeResponse, type OutputItem } from "./response-object.ts";

/** Writes it. */
export function writeResponsesAnswer(answer: NormalAnswer, identity: AnswerIdentity): Buffer {
  const output = answer.parts.map((part, index) =>
    writeItem(itemOf(part), itemId(part.kind, identity.id, index), "completed"),
  );
  const hasOwnRefusal = answer.parts.some((part) => part.kind === "text" && part.isRefusal);
  const { end, usage } = answer;
  return Buffer.from(JSON.stringify(writeResponse(identity, output, { kind: "ended", end, hasOwnRefusal, usage })));
}

function itemOf(part: NormalAnswer["parts"][number]): OutputItem {
  if (part.kind === "text") return { kind: "text", text: part.text, isRefusal: part.isRefusal === true };
  if (part.kind === "thinking") return { kind: "thinking", text: part.text, signature: ownEncryptedContent(part) };
  return {
    kind: "tool-call",
    id: part.id,
    name: part.name,
    argumentsText: part.argumentsText === "" ? "{}" : part.argumentsText,
  };
}
