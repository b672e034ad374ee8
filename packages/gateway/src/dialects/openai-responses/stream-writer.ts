// Writes normal events as a Responses stream: numbered events, each item opened, filled and closed, and the terminal event with the
// whole response. It keeps the answer's text, because the closing events repeat it; a backend's own bound of the output bounds it.
import { assertNever } from "@flyball/core";
import type { TokenUsage } from "@flyball/core";
import type { AnswerIdentity, StreamWriter } from "../dialect.ts";
import type { JsonObject } from "../json-value.ts";
import type { NormalEnd } from "../normal-form/normal-answer.ts";
import type { NormalEvent, NormalPartOpening } from "../normal-form/normal-event.ts";
import { writeSseFrame } from "../sse-frame.ts";
import { responsesErrorEvent } from "./errors.ts";
import { closeItemEvents, deltaEvent, openItemEvents, wholeItem, type OpenItem } from "./item-events.ts";
import { lastItem, lastSequence } from "./last-place.ts";
import { itemId, responseStatus, writeItem, writeResponse } from "./response-object.ts";

/** Creates a writer for one answer. */
export function createResponsesStreamWriter(identity: AnswerIdentity): StreamWriter {
  const items = new Map<number, OpenItem>();
  let sequence = 0;
  let end: NormalEnd = "stop";
  let usage: TokenUsage | undefined;

  const numbered = (event: { readonly type: string } & JsonObject): string =>
    writeSseFrame({ ...event, sequence_number: sequence++ }, event.type);
  const all = (events: readonly ({ readonly type: string } & JsonObject)[]): string => events.map(numbered).join("");
  const openItem = (part: number, opens: NormalPartOpening): string => {
    const index = items.size;
    const item: OpenItem = {
      opens,
      index,
      id: itemId(opens.kind, identity.id, index),
      contentIndex: 0,
      text: "",
      signature: undefined,
      isEnded: false,
    };
    items.set(part, item);
    return all(openItemEvents(item));
  };
  const append = (part: number, text: string): string => {
    const item = items.get(part);
    if (!item) return "";
    item.text += text;
    return numbered(deltaEvent(item, text));
  };
  const closeItem = (item: OpenItem): string => {
    if (item.isEnded) return "";
    item.isEnded = true;
    return all(closeItemEvents(item));
  };
  const begin = (): string => {
    const response = writeResponse(identity, [], { kind: "in_progress" });
    return all([
      { type: "response.created", response },
      { type: "response.in_progress", response },
    ]);
  };
  const finish = (): string => {
    const list = [...items.values()];
    const closing = list.map(closeItem).join("");
    const hasOwnRefusal = list.some(({ opens }) => opens.kind === "text" && opens.isRefusal);
    const state = { kind: "ended", end, hasOwnRefusal, usage } as const;
    const output = list.map((item) => writeItem(wholeItem(item), item.id, "completed"));
    return (
      closing +
      numbered({ type: `response.${responseStatus(state).status}`, response: writeResponse(identity, output, state) })
    );
  };

  return {
    write(event: NormalEvent) {
      switch (event.kind) {
        case "begin":
          return begin();
        case "part-begin":
          return openItem(event.part, event.opens);
        case "text":
        case "thinking":
        case "arguments":
          return append(event.part, event.text);
        case "signature": {
          const item = items.get(event.part);
          if (item) item.signature = event.signature;
          return "";
        }
        case "part-end": {
          const item = items.get(event.part);
          return item ? closeItem(item) : "";
        }
        case "end":
          ({ end } = event);
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
    writeError: (error) => responsesErrorEvent(error, sequence++),
    goOnBehind(frames) {
      sequence = lastSequence(frames) + 1;
      const [open, place] = [[...items.values()].findLast(({ isEnded }) => !isEnded), lastItem(frames)];
      if (!open || !place) return;
      open.id = place.id;
      open.index = place.outputIndex;
      open.contentIndex = place.contentIndex;
    },
  };
}
