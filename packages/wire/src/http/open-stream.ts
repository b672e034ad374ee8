// A plain HTTP request over a Unix socket or TCP, for the control API's clients. Not for the gateway's hot path.
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

/** Where and what to ask. */
export interface HttpRequest {
  readonly target: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Until the head of the answer (`openStream`) or its last byte (`requestJson`); 10 s unless set. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** An answer whose body is still to come. */
export interface HttpStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Ends with an error when the connection breaks or the signal aborts. */
  readonly body: IncomingMessage;
  /** Leaves the rest unread; `body` closes, with an error that nobody has to hear. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Sends a request and resolves with the head of the answer, whatever its status. Rejects with the system's error (ECONNREFUSED, ENOENT),
 * with the code ETIMEDOUT, or with the signal's reason. Each request has its own connection.
 */
export function openStream(options: HttpRequest): Promise<HttpStream> {
  const { target, method, path, headers = {}, body, signal } = options;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const outgoing = request({
      ...target,
      method,
      path,
      headers: { ...length, ...headers },
      agent: false,
    });
    let response: IncomingMessage | undefined;
    const end = (error: Error): void => {
      reject(error);
      response?.destroy(error);
      outgoing.destroy(error);
    };
    const onAbort = (): void => end(signal?.reason as Error);
    const timer = setTimeout(() => end(timeoutError(path, timeoutMs)), timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    outgoing.on("error", end);
    outgoing.once("close", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    });
    outgoing.once("response", (incoming) => {
      response = incoming;
      // Whoever reads the body hears of it; whoever has left does not have to.
      incoming.on("error", () => {});
      clearTimeout(timer);
      const status = incoming.statusCode ?? 0;
      resolve({
        status,
        headers: incoming.headers,
        body: incoming,
        close: () => outgoing.destroy(),
      });
    });
    outgoing.end(body);
  });
}

/** The error of a request that took too long; code ETIMEDOUT. */
export function timeoutError(path: string, timeoutMs: number): Error {
  return Object.assign(new Error(`no answer from ${path} within ${timeoutMs} ms`), {
    code: "ETIMEDOUT",
  });
}
