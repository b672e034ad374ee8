// One POST of OTLP over HTTP. What the status means stands in the specification: 429, 502, 503 and 504 may be tried again, all else not.
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { TraceSettings } from "./trace-settings.ts";

/** What became of an export. */
export type ExportOutcome =
  | { readonly kind: "taken" }
  /** Worth another try. */
  | { readonly kind: "busy"; readonly reason: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: "refused"; readonly reason: string };

const BUSY: ReadonlySet<number | undefined> = new Set([429, 502, 503, 504]);

/** Makes the function; connections are kept open between exports. It never rejects. */
export function createSpanPost({
  endpoint,
  headers,
  timeoutMs,
}: Pick<TraceSettings, "endpoint" | "headers" | "timeoutMs">): (body: string) => Promise<ExportOutcome> {
  const isTls = new URL(endpoint).protocol === "https:";
  const agent = isTls
    ? new HttpsAgent({ keepAlive: true, maxSockets: 1 })
    : new HttpAgent({ keepAlive: true, maxSockets: 1 });
  const send = isTls ? httpsRequest : httpRequest;
  return (body) =>
    new Promise((resolve) => {
      const request = send(endpoint, {
        method: "POST",
        agent,
        headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      request.once("error", (error) => resolve({ kind: "busy", reason: error.message, retryAfterMs: undefined }));
      request.once("response", (response) => {
        // Nothing that a collector says is needed beyond its status.
        response.resume();
        response.once("error", () => undefined);
        const { statusCode = 0 } = response;
        const reason = `status ${statusCode}`;
        if (statusCode >= 200 && statusCode < 300) resolve({ kind: "taken" });
        else if (!BUSY.has(statusCode)) resolve({ kind: "refused", reason });
        else resolve({ kind: "busy", reason, retryAfterMs: readRetryAfter(response.headers["retry-after"]) });
      });
      request.end(body);
    });
}

const LONGEST_PAUSE_MS = 30_000;

function readRetryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return seconds > 0 ? Math.min(seconds * 1_000, LONGEST_PAUSE_MS) : undefined;
}
