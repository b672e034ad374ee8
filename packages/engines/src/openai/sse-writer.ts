// Server-sent events as OpenAI writes them: one `data:` line and an empty line each, no event names.
// A slow client slows the generation down instead of filling memory: `send` waits until the socket takes more.

import type { ServerResponse } from "node:http";

/** Writes one stream of events. */
export interface SseWriter {
  readonly hasBegun: boolean;
  /** Writes one event; the first one sends the headers. Resolves when more may be written, or at once after an abort. */
  send(data: string): Promise<void>;
  end(): void;
}

/** Creates a writer on a response whose headers are not yet sent. */
export function createSseWriter(
  response: ServerResponse,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): SseWriter {
  let hasBegun = false;
  return {
    get hasBegun() {
      return hasBegun;
    },
    async send(data) {
      if (signal.aborted) return;
      if (!hasBegun) {
        hasBegun = true;
        response.writeHead(200, {
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-cache",
          ...headers,
        });
      }
      if (!response.write(`data: ${data}\n\n`)) await drained(response, signal);
    },
    end() {
      if (!signal.aborted) response.end();
    },
  };
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      response.off("drain", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    response.once("drain", finish);
    signal.addEventListener("abort", finish, { once: true });
  });
}
