// What is wrong with an answer that came whole, told to the evidence of its endpoint. Done between two turns of the loop, when the client has it.
import { addPiece, addToolArguments, createAnswerWatch, flawOfAnswer } from "@flyball/traffic";
import type { AnswerEnd, AnswerWants, AnswerWatch } from "@flyball/traffic";
import type { AnswerFlaw } from "@flyball/core";
import type { Dialect } from "../dialects/dialect.ts";
import { asList, asObject, asText, parseJson } from "../dialects/json-value.ts";
import type { NormalAnswer, NormalEnd } from "../dialects/normal-form/normal-answer.ts";
import type { NormalEvent } from "../dialects/normal-form/normal-event.ts";
import type { NormalMessage, NormalRequest } from "../dialects/normal-form/normal-request.ts";
import { addJudged } from "../evidence/endpoint-evidence.ts";
import { splitFrames } from "../stream/split-frames.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { AnswerSample } from "./answer-sample.ts";
import { isJsonObject } from "./is-json-object.ts";
import { normalRequestOf, type ModelCall } from "./model-call.ts";

/** The memory of a longer call may be given back by then. */
const LONGEST_CALL = 32 * 1024 - 1;
/** Characters of the question, and of all that was said before it, that are looked at. */
const QUESTION_LENGTH = 4_000;
const CONTEXT_LENGTH = 8_000;

/** What was kept, and of whom. */
export interface EndedSample {
  readonly call: ModelCall;
  readonly sample: AnswerSample;
  /** Of the backend. */
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
}

/** Whether an answer to this call can be looked at. */
export function canBeJudged({ face, body }: ModelCall): boolean {
  return face.isTranslatable && face.output === "text" && body.length <= LONGEST_CALL;
}

/** Looks at it soon, and gives its room back. */
export function judgeSoon(ended: EndedSample): void {
  setImmediate(() => {
    const bytes = ended.sample.take();
    try {
      if (bytes !== undefined) judge(ended, bytes);
    } catch (error) {
      // Whoever reads what anybody may send has to expect everything; that nobody can judge it is no reason to end.
      ended.call.exchange.context.logger.warn("an answer cannot be judged", { endpoint: ended.endpoint.id, error });
    } finally {
      ended.sample.drop();
    }
  });
}

function judge({ call, dialect, endpoint }: EndedSample, bytes: Buffer): void {
  const watch = createAnswerWatch(wantsOf(call));
  const end = isJsonObject(bytes) ? readWhole(watch, dialect, bytes) : readStream(watch, dialect, bytes);
  if (end === undefined) return;
  const flaw = flawOfAnswer(watch, end);
  addJudged(endpoint.evidence, flaw);
  countJudged(call, endpoint, flaw);
}

function countJudged({ exchange }: ModelCall, { evidence }: Endpoint, flaw: AnswerFlaw | undefined): void {
  exchange.context.metrics.judgedAnswers.series(evidence.pool, flaw ?? "none").add();
}

/** How it ended; undefined: it cannot be read. */
function readStream(watch: AnswerWatch, dialect: Dialect, bytes: Buffer): AnswerEnd | undefined {
  const reader = dialect.createStreamReader();
  const refusals = new Set<number>();
  let end: AnswerEnd = "whole";
  for (const frame of splitFrames(bytes)) {
    const { reading, events } = reader.read(frame.toString("utf8").trimEnd());
    if (reading.kind === "error") return undefined;
    for (const event of events) end = addEvent(watch, refusals, event) ?? end;
    if (reading.kind === "end") break;
  }
  return refusals.size > 0 ? "filtered" : end;
}

function addEvent(watch: AnswerWatch, refusals: Set<number>, event: NormalEvent): AnswerEnd | undefined {
  switch (event.kind) {
    case "part-begin":
      if (event.opens.kind === "tool-call") addToolArguments(watch, event.part, "");
      else if (event.opens.kind === "text" && event.opens.isRefusal === true) refusals.add(event.part);
      return undefined;
    case "text":
      addPiece(watch, event.text);
      return undefined;
    case "arguments":
      addToolArguments(watch, event.part, event.text);
      return undefined;
    case "end":
      return endOf(event.end);
    case "begin":
    case "thinking":
    case "signature":
    case "part-end":
    case "usage":
    case "done":
      return undefined;
    default:
      return event satisfies never;
  }
}

function readWhole(watch: AnswerWatch, dialect: Dialect, bytes: Buffer): AnswerEnd | undefined {
  const read = dialect.readAnswer(parseJson(bytes.toString("utf8")));
  if (read.kind === "refused") return undefined;
  const answer: NormalAnswer = read.value;
  for (const [index, part] of answer.parts.entries()) {
    if (part.kind === "tool-call") addToolArguments(watch, index, part.argumentsText);
    else if (part.kind === "text") {
      if (part.isRefusal === true) return "filtered";
      addPiece(watch, part.text);
    }
  }
  return endOf(answer.end);
}

function endOf(end: NormalEnd): AnswerEnd {
  if (end === "length") return "cut";
  return end === "refused" ? "filtered" : "whole";
}

/** What was asked for; where that cannot be read, little can be wrong. */
function wantsOf(call: ModelCall): AnswerWants {
  const read = normalRequestOf(call);
  if (read.kind === "refused") return { mayBeEmpty: true };
  const { messages, system, stop, responseFormat }: NormalRequest = read.value;
  const last = messages.at(-1);
  const before = [...system.map(({ text }) => text), ...messages.slice(0, -1).map(textOf)].join("\n");
  const format = responseFormat === undefined ? {} : { json: { required: requiredBy(responseFormat) } };
  return {
    ...(last?.role === "user" ? { question: ends(textOf(last), QUESTION_LENGTH) } : {}),
    instructions: ends(before, CONTEXT_LENGTH),
    // What a stop sequence cuts, what goes on with words of the assistant, and the last word after a tool may all be empty.
    mayBeEmpty: stop.length > 0 || last?.role !== "user",
    ...format,
  };
}

function requiredBy(format: NonNullable<NormalRequest["responseFormat"]>): readonly string[] {
  if (format.kind === "json") return [];
  return asList(asObject(format.schema)?.["required"]).flatMap((name) => asText(name) ?? []);
}

function textOf(message: NormalMessage): string {
  if (message.role === "tool") return "";
  return message.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n");
}

/** Its beginning and its end. */
function ends(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length / 2)}\n${text.slice(-length / 2)}`;
}
