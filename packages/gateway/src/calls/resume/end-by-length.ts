// The end of an answer that was cut when its bound of output was all but used: there is nothing left to ask for.
import { NO_USAGE } from "@flyball/core";
import type { NormalEvent } from "../../dialects/normal-form/normal-event.ts";
import type { ModelCall } from "../model-call.ts";
import { catchUp, type DeliveredAnswer } from "./delivered-answer.ts";

/** The frames that end the answer with the reason `length`. */
export function endByLength(call: ModelCall, delivered: DeliveredAnswer, deliveredTokens: number): Buffer {
  const identity = { id: delivered.id, model: delivered.model, createdSeconds: 0 };
  const writer = call.face.dialect.createStreamWriter(identity, { wantsUsage: call.scan.wantsUsage });
  catchUp(writer, delivered);
  const rest: readonly NormalEvent[] = [
    { kind: "part-end", part: delivered.openPart },
    { kind: "end", end: "length", stopSequence: undefined },
    { kind: "usage", usage: { ...NO_USAGE, output: deliveredTokens } },
    { kind: "done" },
  ];
  return Buffer.from(rest.map((event) => writer.write(event)).join(""));
}
