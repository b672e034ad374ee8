// Gets the question out of a request: a form or JSON, in UTF-8 or in the encoding that the content-type declares. Every
// way to get it wrong ends in an error that says what to do.
import type { IncomingMessage } from "node:http";
import { TextDecoder } from "node:util";
import { readBody } from "../shared/read-body.ts";
import { guessEncoding } from "./guess-encoding.ts";
import { notUtf8Error, questionError } from "./messages.ts";
import { parseForm } from "./parse-form.ts";

const maximumQuestionCharacters = 2_000;

/** Returns the question, trimmed, or throws a ServiceError with status 400, 413 or 415. */
export async function readQuestion(request: IncomingMessage): Promise<string> {
  const body = await readBody(request);
  const acceptLanguage = request.headers["accept-language"];
  if (body.length === 0) throw questionError("QA_EMPTY_QUESTION", acceptLanguage);
  return questionIn(body, request.headers["content-type"] ?? "", acceptLanguage);
}

/** The same, from a body already read. */
export function questionIn(body: Uint8Array, contentType: string, acceptLanguage: string | undefined): string {
  const { type, charset } = parseContentType(contentType);
  const decode = (bytes: Uint8Array): string => decodeText(bytes, charset, acceptLanguage);
  if (type !== "application/json" && type !== "application/x-www-form-urlencoded") {
    throw questionError("QA_UNSUPPORTED_TYPE", acceptLanguage);
  }
  const isForm = type === "application/x-www-form-urlencoded";
  const question = isForm ? fromForm(body, decode) : fromJson(decode(body), acceptLanguage);
  const trimmed = (question ?? "").toWellFormed().trim();
  if (trimmed === "") throw questionError("QA_EMPTY_QUESTION", acceptLanguage);
  if (Array.from(trimmed).length > maximumQuestionCharacters)
    throw questionError("QA_QUESTION_TOO_LONG", acceptLanguage);
  return trimmed;
}

function parseContentType(contentType: string): { type: string; charset: string } {
  const [type = "", ...parameters] = contentType.toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(parameter)?.[1])
    .find(Boolean);
  return { type: type.trim(), charset: charset ?? "utf-8" };
}

function fromForm(body: Uint8Array, decode: (bytes: Uint8Array) => string): string | null {
  const field = parseForm(body).find(({ name }) => new TextDecoder().decode(name) === "question");
  return field === undefined ? null : decode(field.value);
}

function fromJson(text: string, acceptLanguage: string | undefined): string | null {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw questionError("QA_BAD_JSON", acceptLanguage);
  }
  const question = (value as Record<string, unknown>)["question"] ?? null;
  if (question !== null && typeof question !== "string") throw questionError("QA_BAD_JSON", acceptLanguage);
  return question;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function decodeText(bytes: Uint8Array, charset: string, acceptLanguage: string | undefined): string {
  const decoder = createDecoder(charset);
  if (decoder === null) throw questionError("QA_UNSUPPORTED_CHARSET", acceptLanguage);
  try {
    return decoder.decode(bytes);
  } catch {
    if (decoder.encoding === "utf-8") throw notUtf8Error(guessEncoding(bytes), acceptLanguage);
    throw questionError("QA_WRONG_CHARSET", acceptLanguage);
  }
}

/** Null for an unknown encoding, and for UTF-16, whose bytes a form cannot be split at. */
function createDecoder(charset: string): TextDecoder | null {
  try {
    const decoder = new TextDecoder(charset, { fatal: true });
    return decoder.encoding.startsWith("utf-16") ? null : decoder;
  } catch {
    return null;
  }
}
