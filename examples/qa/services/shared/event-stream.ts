// Server-sent events, both ways: what the services write and what `question` reads from `language`. Data is always one
// line of JSON, which keeps the coder small.
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One event with its data already parsed. */
export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

/** An event longer than this ends the stream with an error: a bound for a broken sender. */
const maximumEventCharacters = 1024 * 1024;

/** True when the client asked for server-sent events. */
export function wantsEventStream(request: IncomingMessage): boolean {
  return (request.headers.accept ?? "").toLowerCase().includes("text/event-stream");
}

/** Writes one event, after the headers if they are not sent yet, and waits while the client reads too slowly. */
export async function writeEvent(
  response: ServerResponse,
  event: string,
  data: unknown,
  signal: AbortSignal,
): Promise<void> {
  if (!response.headersSent) {
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
  }
  const isFlowing = response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  if (!isFlowing) await once(response, "drain", { signal });
}

/** Reads events until the stream ends. Throws on data that is not JSON and on an event above the bound. */
export async function* readEvents(source: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of source) {
    pending += decoder.decode(chunk, { stream: true });
    const blocks = pending.split(/\r?\n\r?\n/);
    pending = blocks.pop() ?? "";
    if (pending.length > maximumEventCharacters) throw new Error("An event of the stream is too long.");
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

function parseBlock(block: string): StreamEvent | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trim());
  }
  return data.length === 0 ? null : { event, data: JSON.parse(data.join("\n")) as unknown };
}
