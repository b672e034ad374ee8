// A whole response object in the normal form.
import type { Translated } from "../dialect.ts";
import { asText } from "../json-value.ts";
import type { NormalAnswer } from "../normal-form/normal-answer.ts";
import { needObject, refuseField, translated, showValue } from "../translated.ts";
import { readEnd, readOutput } from "./read-output.ts";
import { readResponsesUsage } from "./usage.ts";

/** Reads it. One that failed, or still runs, is no answer. */
export function readResponsesAnswer(body: unknown): Translated<NormalAnswer> {
  return translated(() => {
    const response = needObject(body, "the answer");
    const parts = readOutput(response["output"]);
    const end = readEnd(response, {
      hasToolCalls: parts.some((part) => part.kind === "tool-call"),
      hasRefusal: parts.some((part) => part.kind === "text" && part.isRefusal === true),
    });
    return {
      id: asText(response["id"]) ?? "",
      model: asText(response["model"]) ?? "",
      parts,
      end: end ?? refuseField("status", `the response is ${showValue(response["status"])}`),
      stopSequence: undefined,
      usage: readResponsesUsage(response),
    };
  });
}
