// Reads the rest of an answer from the backend that goes on with it, as frames that fit behind what the client has: the same id and model,
// the open part goes on, stop strings match over the seam, tokens are counted together.
import { NO_USAGE, type TokenUsage } from "@flyball/core";
import type { StreamReader, StreamStep, StreamWriter } from "../../dialects/dialect.ts";
import type { NormalEvent } from "../../dialects/normal-form/normal-event.ts";
import type { StreamAnswerReader } from "../answer-reader.ts";
import { createTranslatingReader } from "../translating-reader.ts";
import { catchUp, type DeliveredAnswer } from "./delivered-answer.ts";
import { createStopSeam } from "./stop-seam.ts";

/** What it is made of. */
export interface ContinuationOptions {
  readonly reader: StreamReader;
  /** Fresh; brought to the client's state here. */
  readonly writer: StreamWriter;
  readonly delivered: DeliveredAnswer;
  /** Tokens that the client has. */
  readonly deliveredTokens: number;
  readonly withheld: string;
  readonly stops: readonly string[];
}

/** Reads the rest of an answer. */
export interface ContinuationReader extends StreamAnswerReader {
  /** A stop string was completed over the seam: the answer is whole, and the backend need not go on. */
  readonly isStopped: () => boolean;
  /** What the backend itself reported for its part. */
  readonly backendUsage: () => TokenUsage | undefined;
}

/** Creates it. */
export function createContinuationReader(options: ContinuationOptions): ContinuationReader {
  const { writer, delivered } = options;
  catchUp(writer, delivered);
  const reader = continueEvents(options);
  return { ...createTranslatingReader(reader, writer), isStopped: reader.isStopped, backendUsage: reader.backendUsage };
}

/** A reader whose events go on from the delivered ones. */
function continueEvents({
  reader,
  delivered,
  deliveredTokens,
  withheld,
  stops,
}: ContinuationOptions): StreamReader & Pick<ContinuationReader, "isStopped" | "backendUsage"> {
  const seam = createStopSeam(delivered.text, stops);
  /** White space that the client has and the backend may say again. */
  let repeated = withheld;
  let isStopped = false;
  let backendUsage: TokenUsage | undefined;
  const dropRepeated = (text: string): string => {
    let at = 0;
    while (at < repeated.length && at < text.length && text[at] === repeated[at]) at += 1;
    repeated = at === text.length ? repeated.slice(at) : "";
    return text.slice(at);
  };
  const said = (text: string): readonly NormalEvent[] =>
    text === "" ? [] : [{ kind: "text", part: delivered.openPart, text }];
  const stopHere = (): readonly NormalEvent[] => {
    isStopped = true;
    return [...finishing(), { kind: "end", end: "stop-sequence", stopSequence: undefined }, { kind: "done" }];
  };
  const finishing = (): readonly NormalEvent[] => [
    ...said(isStopped ? "" : seam.rest()),
    { kind: "part-end", part: delivered.openPart },
  ];
  const convert = (event: NormalEvent): readonly NormalEvent[] => {
    if (isStopped) return [];
    switch (event.kind) {
      case "text": {
        const step = seam.push(dropRepeated(event.text));
        return step.isStopped ? stopHere() : said(step.text);
      }
      case "end":
        return [...finishing(), event];
      case "usage":
        return [{ kind: "usage", usage: joinUsage(event.usage, deliveredTokens) }];
      case "done":
        return [event];
      // The client has a beginning; what the backend thinks anew is not part of the answer; parts are the one that is open.
      case "begin":
      case "thinking":
      case "signature":
      case "arguments":
      case "part-begin":
      case "part-end":
        return [];
      default:
        return event satisfies never;
    }
  };
  const onStep = (step: StreamStep): StreamStep => {
    if (isStopped) return { reading: { kind: "held" }, events: [] };
    const events = step.events.flatMap(convert);
    const { reading } = step;
    if (reading.usage) backendUsage = reading.usage;
    // Its end is content: the client is to see it, even where nothing else of this backend was seen.
    if (isStopped) return { reading: { kind: "content", hasFinish: true }, events };
    const isSaid = events.some(({ kind }) => kind === "text" || kind === "end");
    return { reading: reading.kind === "content" && !isSaid ? { ...reading, kind: "held" } : reading, events };
  };
  return {
    read: (frame) => onStep(reader.read(frame)),
    close: () => onStep(reader.close()),
    isStopped: () => isStopped,
    backendUsage: () => backendUsage,
  };
}

/** The text so far was output of the first backend, not input of the second. */
export function joinUsage(usage: TokenUsage, deliveredTokens: number): TokenUsage {
  const input = Math.max(0, usage.input - deliveredTokens);
  return { ...NO_USAGE, ...usage, input, output: usage.output + deliveredTokens };
}
