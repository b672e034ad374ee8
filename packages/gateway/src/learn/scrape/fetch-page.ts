// Fetches a page of text over HTTP, with a limit of its time and of its length. For the main thread, where nothing waits for it.
import { Agent, get, type IncomingMessage } from "node:http";

/** A page of metrics is a few hundred kilobytes at most. */
const MAX_BYTES = 1024 * 1024;
const LIMIT_MS = 1_000;

/** A fetcher with its own kept connections, and what closes them. */
export interface PageFetcher {
  /** Rejects when the page does not come whole in a second, is longer than 1 MiB, or has another status than 200. */
  readonly fetchPage: (url: string) => Promise<string>;
  close(): void;
}

/** Creates one. */
export function createPageFetcher(): PageFetcher {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
  const fetchPage = (url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(LIMIT_MS);
      get(url, { agent, signal }, (response) => read(response, resolve, reject)).once("error", reject);
    });
  return { fetchPage, close: () => agent.destroy() };
}

function read(response: IncomingMessage, resolve: (text: string) => void, reject: (error: Error) => void): void {
  const fail = (reason: string): void => {
    response.destroy();
    reject(new Error(reason));
  };
  if (response.statusCode !== 200) return fail(`status ${response.statusCode}`);
  const chunks: Buffer[] = [];
  let length = 0;
  response.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_BYTES) fail(`more than ${MAX_BYTES} bytes`);
    else chunks.push(chunk);
  });
  response.once("error", reject);
  response.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
}
