// An upstream that a test scripts: it records what reached it and how each request ended.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One request as it arrived. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  body: Buffer;
  /** When its connection closed before the response was whole; performance.now(). */
  abortedAt: number | undefined;
}

/** Answers one request; the body was not read yet. */
export type Answer = (request: IncomingMessage, response: ServerResponse, received: Received) => void;

/** A running upstream. */
export interface TestUpstream {
  readonly port: number;
  readonly received: Received[];
  readonly server: Server;
  readonly openSockets: number;
  answer: Answer;
  /** As kill −9 does it: the port is closed and every connection gone. */
  kill(): Promise<void>;
  /** Listens again on the same port. */
  revive(): Promise<void>;
}

/** Reads the body and answers 200 with a JSON of it. */
export const ECHO: Answer = (request, response, received) => {
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ method: request.method, url: request.url, length: received.body.length }),
    );
  });
};

/** Starts one on a free port. */
export async function startUpstream(answer: Answer = ECHO, port = 0): Promise<TestUpstream> {
  const sockets = new Set<Socket>();
  const received: Received[] = [];
  const create = (): Server => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      const entry: Received = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: Buffer.alloc(0),
        abortedAt: undefined,
      };
      received.push(entry);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        entry.body = Buffer.concat(chunks);
      });
      request.on("error", () => undefined);
      response.once("close", () => {
        if (!response.writableFinished) entry.abortedAt = performance.now();
      });
      upstream.answer(request, response, entry);
    });
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    return server;
  };
  let server = create();
  const listen = (on: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(on, "127.0.0.1", () => resolve());
    });
  await listen(port);
  const ownPort = (server.address() as AddressInfo).port;
  const upstream: TestUpstream = {
    port: ownPort,
    received,
    answer,
    get server() {
      return server;
    },
    get openSockets() {
      return sockets.size;
    },
    kill() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const socket of sockets) socket.resetAndDestroy();
      return server.listening ? closed : Promise.resolve();
    },
    async revive() {
      server = create();
      await listen(ownPort);
    },
  };
  return upstream;
}
