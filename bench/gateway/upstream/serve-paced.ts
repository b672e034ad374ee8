// The upstream of streams, a process of its own: answers a chat completion with one word for each of `max_tokens`, one event per write
// and so one per segment, at the pace that stands in the path (`/pace10/v1/chat/completions`: 10 ms). The events are made beforehand.
import { createServer, type ServerResponse } from "node:http";
import { chatChunk, chatEnd } from "./answers.ts";

const MAX_WORDS = 4_000;

/** Serves on a port of the loopback interface until the process is ended. */
export function servePaced(port: number): void {
  const events = Array.from({ length: MAX_WORDS }, (_, index) => Buffer.from(chatChunk(index)));
  const end = Buffer.from(chatEnd());
  const server = createServer((request, response) => {
    const paceMs = Number(/^\/pace(\d+)\//.exec(request.url ?? "")?.[1]);
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { max_tokens } = JSON.parse(Buffer.concat(pieces).toString()) as { max_tokens: number };
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
      sendPaced(response, { events: events.slice(0, max_tokens), end, paceMs });
    });
  });
  server.keepAliveTimeout = 600_000;
  server.listen(port, "127.0.0.1", 2_048);
}

interface PacedStream {
  readonly events: readonly Buffer[];
  readonly end: Buffer;
  readonly paceMs: number;
}

/** The first event at once, each further one at its time by the clock, so that one that is late does not delay the rest. */
function sendPaced(response: ServerResponse, stream: PacedStream): void {
  const startedAt = performance.now();
  let next = 0;
  let timer: NodeJS.Timeout | undefined;
  const send = (): void => {
    const event = stream.events[next];
    if (event === undefined) {
      response.end(stream.end);
      return;
    }
    response.write(event);
    next += 1;
    timer = setTimeout(send, startedAt + next * stream.paceMs - performance.now());
  };
  response.on("close", () => clearTimeout(timer));
  send();
}
