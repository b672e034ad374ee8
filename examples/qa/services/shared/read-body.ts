// Reads a request body into memory with a bound. A body above the bound is discarded up to a second bound before the
// refusal is sent, because a client that is still writing would otherwise lose the refusal to a connection reset.
import type { IncomingMessage } from "node:http";
import { ServiceError } from "./service-error.ts";

/** Largest body that a service accepts. */
const maximumBodyBytes = 64 * 1024;

/** What is still read, and thrown away, of a body that is too large. */
const maximumDiscardBytes = 1024 * 1024;

/** Returns the body, or throws a ServiceError with status 413. */
export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
    throw new ServiceError(415, "QA_UNSUPPORTED_TYPE", "Send the body without content-encoding.");
  }
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > maximumDiscardBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= maximumBodyBytes) chunks.push(chunk);
    else if (length > maximumDiscardBytes) break;
  }
  if (length > maximumBodyBytes) throw tooLarge();
  return Buffer.concat(chunks);
}

/** Returns the body as a JSON object, or throws a ServiceError with status 400, 413 or 415. */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    throw new ServiceError(415, "QA_UNSUPPORTED_TYPE", "Send the body as application/json.");
  }
  const value = parseJson(await readBody(request));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ServiceError(400, "QA_BAD_JSON", "The body must be a JSON object.");
  }
  return value as Record<string, unknown>;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ServiceError(400, "QA_BAD_JSON", "The body is not valid JSON in UTF-8.");
  }
}

function tooLarge(): ServiceError {
  const message = `The body is larger than ${maximumBodyBytes / 1024} KiB.`;
  return new ServiceError(413, "QA_BODY_TOO_LARGE", message, { connection: "close" });
}
