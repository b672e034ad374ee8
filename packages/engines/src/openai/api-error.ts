// Errors in OpenAI's form, because clients read `error.code` and their libraries decide by status whether to try again.

/** A refusal as plain data; the server turns it into a response. */
export interface ApiError {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  /** The request field at fault. */
  readonly param: string | null;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fault of the request: status 400. */
export function invalidRequest(message: string, param: string | null, code: string | null = null): ApiError {
  return { status: 400, type: "invalid_request_error", code, param, message };
}

/** A fault of the request with its own status. */
export function refusedRequest(
  status: number,
  message: string,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): ApiError {
  return { status, type: "invalid_request_error", code, param: null, message, headers };
}

/** The engine cannot take the request now: status 503, worth another try. */
export function unavailable(message: string, code: string): ApiError {
  return {
    status: 503,
    type: "service_unavailable_error",
    code,
    param: null,
    message,
    headers: { "retry-after": "1" },
  };
}

/** The engine broke: status 500. */
export function engineFailed(): ApiError {
  return {
    status: 500,
    type: "server_error",
    code: "engine_failed",
    param: null,
    message: "The engine failed while it generated the answer.",
  };
}

/** The wire form of an error, for a response body or for a stream that has already begun. */
export function errorBody(error: ApiError): string {
  const { message, type, param, code } = error;
  return JSON.stringify({ error: { message, type, param, code } });
}
