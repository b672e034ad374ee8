// Turns an error answer of the control API back into the error that control raised, so that a caller compares codes and never texts.
import { ERROR_TABLE, type ErrorCode, type ErrorDetails, FlyballError } from "@flyball/core";

/**
 * The error of an answer with this status. A code that this version does not know (a newer control) becomes
 * FB_CONTROL_BAD_REQUEST with the answer's own words, so nothing of it is lost.
 */
export function parseApiError(status: number, body: string): FlyballError {
  const error = readErrorMember(body);
  if (error !== undefined && isKnownCode(error.code)) return new FlyballError(error.code, error.details);
  if (status === 401 || status === 403) return new FlyballError("FB_CONTROL_UNAUTHORISED");
  const said = error === undefined ? body.slice(0, 500).trim() : `${error.message} (${error.code})`;
  return new FlyballError("FB_CONTROL_BAD_REQUEST", { reason: `control answered ${status}: ${said}`, status });
}

function readErrorMember(
  body: string,
): { readonly code: string; readonly message: string; readonly details: ErrorDetails } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isRecord(parsed) || !isRecord(parsed["error"])) return undefined;
  const { code, message, details } = parsed["error"];
  if (typeof code !== "string") return undefined;
  return { code, message: typeof message === "string" ? message : "", details: isRecord(details) ? details : {} };
}

function isKnownCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_TABLE, code);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
