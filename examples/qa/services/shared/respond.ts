// Writes whole JSON responses. Bodies end with a line feed so that they read well in a terminal.
import type { ServerResponse } from "node:http";
import type { ServiceError } from "./service-error.ts";

/** Sends a JSON body with its length. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": bytes.length,
    ...headers,
  });
  response.end(bytes);
}

/** Sends an error in the shape that every service of this example uses. */
export function sendError(response: ServerResponse, error: ServiceError): void {
  sendJson(response, error.status, { error: { code: error.code, message: error.message } }, error.headers);
}
