// The two ways in which a response that is not a stream leaves: an object or an error.

import type { ServerResponse } from "node:http";
import type { ApiError } from "./api-error.ts";
import { errorBody } from "./api-error.ts";

/** Sends a JSON text with its length. Does nothing when the client has left. */
export function sendJson(
  response: ServerResponse,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(json),
    ...headers,
  });
  response.end(json);
}

/** Sends an error in OpenAI's form. */
export function sendError(response: ServerResponse, error: ApiError): void {
  sendJson(response, error.status, errorBody(error), error.headers);
}
