// A small HTTP server for tests: it records what it was sent and answers as the test says.
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the fake saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON, or null when it is none. */
  readonly body: unknown;
}

/** A running fake. */
export interface Fake {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Connections opened so far. */
  connectionCount(): number;
  stop(): void;
}

/** Starts a fake on a free port of the loopback address. */
export async function startFake(
  answer: (request: SeenRequest, response: ServerResponse) => void | Promise<void>,
): Promise<Fake> {
  const seen: SeenRequest[] = [];
  let connections = 0;
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    const body: unknown = text === "" ? null : JSON.parse(text);
    const one = {
      method: request.method ?? "",
      url: request.url ?? "",
      headers: request.headers,
      body,
    };
    seen.push(one);
    await answer(one, response);
  };
  const server = createServer((request, response) => void receive(request, response));
  server.on("connection", () => (connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    connectionCount: () => connections,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
