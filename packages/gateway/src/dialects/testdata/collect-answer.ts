// Puts normal events together to the answer that they tell, and checks their order on the way: what every reader promises.
import type { TokenUsage } from "@flyball/core";
import type { NormalAnswer } from "../normal-form/normal-answer.ts";
import type { NormalEvent, NormalPartOpening } from "../normal-form/normal-event.ts";

interface Part {
  readonly opens: NormalPartOpening;
  text: string;
  signature: string | undefined;
  isEnded: boolean;
}

/** The answer of a whole stream. Throws where the order is broken. */
export function collectAnswer(events: readonly NormalEvent[]): NormalAnswer {
  const [first, ...rest] = events;
  if (first?.kind !== "begin") throw new Error("the first event is no begin");
  const parts: Part[] = [];
  let usage: TokenUsage | undefined = first.usage;
  let end: Extract<NormalEvent, { kind: "end" }> | undefined;
  let isDone = false;
  const openPart = (index: number): Part => {
    const part = parts[index];
    if (!part || part.isEnded) throw new Error(`part ${index} is not open`);
    return part;
  };
  for (const event of rest) {
    if (isDone) throw new Error(`${event.kind} after done`);
    if (event.kind === "done") isDone = true;
    else if (event.kind === "usage") ({ usage } = event);
    else if (event.kind === "end") end = event;
    else if (event.kind === "begin" || end) throw new Error(`${event.kind} out of order`);
    else if (event.kind === "part-begin") {
      if (event.part !== parts.length) throw new Error(`part ${event.part} begins out of order`);
      parts.push({ opens: event.opens, text: "", signature: undefined, isEnded: false });
    } else if (event.kind === "part-end") openPart(event.part).isEnded = true;
    else if (event.kind === "signature") openPart(event.part).signature = event.signature;
    else openPart(event.part).text += event.text;
  }
  if (!end || !isDone) throw new Error("the stream is not whole");
  if (parts.some((part) => !part.isEnded)) throw new Error("a part did not end");
  const { id, model } = first;
  return { id, model, parts: parts.map(normalPart), end: end.end, stopSequence: end.stopSequence, usage };
}

function normalPart({ opens, text, signature }: Part): NormalAnswer["parts"][number] {
  if (opens.kind === "tool-call") return { kind: opens.kind, id: opens.id, name: opens.name, argumentsText: text };
  if (opens.kind === "text") return { kind: "text", text, ...(opens.isRefusal ? { isRefusal: true } : {}) };
  return { kind: "thinking", text, signature, ...(opens.redacted === undefined ? {} : { redacted: opens.redacted }) };
}
