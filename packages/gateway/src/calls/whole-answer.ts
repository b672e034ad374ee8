// Reads a whole answer with status 200: what the client gets, what was used, or the error that stands inside it.
import { NO_USAGE, type TokenUsage } from "@flyball/core";
import { cursorAt, skipValue } from "../dialects/json-cursor.ts";
import { asCount, asObject, parseJson } from "../dialects/json-value.ts";
import { parseJsonKeepingNumbers } from "../dialects/raw-json.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { WholeAnswer } from "./answer-reader.ts";
import type { BackendRequest } from "./backend-request.ts";
import { isJsonObject } from "./is-json-object.ts";
import type { ModelCall } from "./model-call.ts";

const NO_OBJECT = "an answer that is no JSON object";

/** Reads it. */
export function readWholeAnswer(
  call: ModelCall,
  backend: ServingBackend,
  { isTranslated }: BackendRequest,
  body: Buffer,
): WholeAnswer {
  const { dialect } = call.face;
  if (!isTranslated) {
    if (isAlwaysJson(call) && !isJsonObject(body)) return { kind: "failed", reason: NO_OBJECT, error: undefined };
    const error = hasErrorMark(body) ? dialect.readError(body.toString("utf8"), 200) : undefined;
    if (error) return { kind: "failed", reason: `an error in a 200: ${error.code}`, error };
    return { kind: "answer", bytes: body, usage: readReportedUsage(call, body) };
  }
  const value = parse(body);
  const error = value === undefined ? undefined : backend.dialect.readError(body.toString("utf8"), 200);
  if (error) return { kind: "failed", reason: `an error in a 200: ${error.code}`, error };
  if (call.face.output === "free") return readCount(value);
  const answer = backend.dialect.readAnswer(value);
  if (answer.kind === "refused") {
    return {
      kind: "failed",
      reason: `an answer that cannot be read: ${answer.field} ${answer.reason}`,
      error: undefined,
    };
  }
  const identity = {
    id: answer.value.id,
    model: call.scan.model,
    createdSeconds: Math.floor(call.exchange.context.clock.now() / 1_000),
  };
  return { kind: "answer", bytes: dialect.writeAnswer(answer.value, identity), usage: answer.value.usage };
}

/** What `/tokenize` counted, as Anthropic tells it. */
function readCount(value: unknown): WholeAnswer {
  const count = asCount(asObject(value)?.["count"]);
  // No prompt has none.
  if (count === 0) return { kind: "failed", reason: "no count of tokens", error: undefined };
  return { kind: "answer", bytes: Buffer.from(JSON.stringify({ input_tokens: count })), usage: NO_USAGE };
}

/** Sound is bytes, and a transcript may be asked for as plain text; all else is an object. */
function isAlwaysJson({ face: { output } }: ModelCall): boolean {
  return output !== "speech" && output !== "transcript";
}

/** The usage that a body or the end of one reports, in an answer that is passed on as it is. */
export function readReportedUsage({ face }: ModelCall, body: Buffer): TokenUsage | undefined {
  if (face.output === "free") return NO_USAGE;
  const usage = readMember(body, '"usage"');
  if (face.output !== "none") return usage === undefined ? undefined : face.dialect.readUsage({ usage });
  // Some who rank write `meta.tokens`, and some tell the total alone: nothing went out.
  const counted = usage ?? readMember(body, '"tokens"');
  const total = asCount(asObject(counted)?.["total_tokens"]);
  return face.dialect.readUsage({ usage: counted }) ?? (total === 0 ? undefined : { ...NO_USAGE, input: total });
}

/** A quote inside a JSON string is escaped, so these bytes are a key. An answer with choices or content is one, whatever else it has. */
function hasErrorMark(body: Buffer): boolean {
  return body.includes('"error"') && !body.includes('"choices"') && !body.includes('"content"');
}

/** The value of the last member of this name, without parsing what stands around it; undefined when there is none. */
function readMember(body: Buffer, quotedName: string): unknown {
  const at = body.lastIndexOf(quotedName);
  if (at < 0) return undefined;
  const colon = body.indexOf(":", at + quotedName.length);
  if (colon < 0) return undefined;
  const cursor = cursorAt(body, colon + 1);
  try {
    skipValue(cursor);
    return JSON.parse(body.toString("utf8", colon + 1, cursor.at)) as unknown;
  } catch {
    return undefined;
  }
}

/** Anthropic gives the input of a tool as a value; where there is one its numbers are kept as they came. */
function parse(body: Buffer): unknown {
  const text = body.toString("utf8");
  return body.includes('"tool_use"') ? parseJsonKeepingNumbers(text) : parseJson(text);
}
