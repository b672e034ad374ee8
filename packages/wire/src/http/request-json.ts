// One JSON question, one JSON answer.
import type { IncomingHttpHeaders } from "node:http";
import { openStream, timeoutError, type HttpRequest } from "./open-stream.ts";

/** A whole answer. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body; undefined when it is empty or not JSON. */
  readonly body: unknown;
  readonly text: string;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Sends `body` as JSON (absent: none) and reads the whole answer, whatever its status. Rejects as `openStream` does, the time-out
 * covering the body too, and with the code EMSGSIZE when the answer is longer than 32 MiB.
 */
export async function requestJson(
  options: Omit<HttpRequest, "body"> & { readonly body?: unknown },
): Promise<JsonAnswer> {
  const { body, headers, signal, timeoutMs = 10_000, ...rest } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  try {
    const stream = await openStream({
      ...rest,
      ...json,
      headers: { accept: "application/json", ...type, ...headers },
      timeoutMs,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const text = await readText(stream.body);
    return { status: stream.status, headers: stream.headers, body: parseOrUndefined(text), text };
  } catch (error) {
    throw timeout.aborted && !signal?.aborted ? timeoutError(options.path, timeoutMs) : error;
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw Object.assign(new Error("the answer is too long"), { code: "EMSGSIZE" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
