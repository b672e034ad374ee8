// A reverse proxy in a hundred lines: it believes its two upstreams every word, knows no fault, no limit and no key. Only to be measured.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";

/** Where it listens, and where answers come from. */
export interface LeanPlaces {
  readonly port: number;
  readonly jsonPort: number;
  /** Of paths that begin with `/pace`. */
  readonly pacedPort: number;
}

const HEAD_END = "\r\n\r\n";

/** Serves until the process ends. */
export function serveLean({ port, jsonPort, pacedPort }: LeanPlaces): void {
  const idle = new Map<number, Connection[]>();
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const to = request.url?.startsWith("/pace") === true ? pacedPort : jsonPort;
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const free = idle.get(to) ?? [];
      idle.set(to, free);
      const connection = free.pop() ?? new Connection(to, free);
      connection.ask(request, pieces, response);
    });
  });
  server.requestTimeout = 0;
  server.listen(port, "127.0.0.1", 2_048);
}

/** A kept connection: one request at a time, its answer passed on as it comes. */
class Connection {
  readonly #socket: Socket;
  readonly #idle: Connection[];
  #response: ServerResponse | undefined;
  /** Bytes of a whole answer that are still to come; −1: it is chunked. */
  #left = 0;

  constructor(port: number, idle: Connection[]) {
    this.#idle = idle;
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: Buffer.allocUnsafe(65_536), callback: (length, bytes) => this.#read(bytes as Buffer, length) },
    });
    this.#socket.on("error", () => this.#response?.destroy());
  }

  ask({ url, headers }: IncomingMessage, pieces: readonly Buffer[], response: ServerResponse): void {
    this.#response = response;
    const socket = this.#socket;
    const head = `POST ${url ?? "/"} HTTP/1.1\r\nhost: upstream\r\ncontent-type: application/json\r\ncontent-length: ${headers["content-length"] ?? "0"}${HEAD_END}`;
    socket.cork();
    socket.write(head, "latin1");
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
  }

  #read(bytes: Buffer, length: number): true {
    const response = this.#response;
    if (response === undefined) return true;
    let at = 0;
    if (!response.headersSent) {
      at = bytes.indexOf(HEAD_END) + HEAD_END.length;
      const head = bytes.toString("latin1", 0, at);
      const told = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
      this.#left = told === undefined ? -1 : Number(told);
      const type = /\r\ncontent-type: ([^\r]+)/i.exec(head)?.[1] ?? "application/json";
      response.writeHead(Number(head.slice(9, 12)), { "content-type": type, ...(told && { "content-length": told }) });
      if (told === undefined) response.flushHeaders();
    }
    if (this.#left >= 0) this.#passWhole(response, bytes, at, length);
    else this.#passChunks(response, bytes, at, length);
    return true;
  }

  #passWhole(response: ServerResponse, bytes: Buffer, start: number, end: number): void {
    this.#left -= end - start;
    const own = Buffer.from(bytes.subarray(start, end));
    if (this.#left > 0) response.write(own);
    else this.#end(response, own);
  }

  /** The paced upstream writes whole chunks. */
  #passChunks(response: ServerResponse, bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const lineEnd = bytes.indexOf("\r\n", at);
      const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
      if (size === 0) return this.#end(response, undefined);
      response.write(Buffer.from(bytes.subarray(lineEnd + 2, lineEnd + 2 + size)));
      at = lineEnd + 2 + size + 2;
    }
  }

  #end(response: ServerResponse, last: Buffer | undefined): void {
    this.#response = undefined;
    this.#idle.push(this);
    response.end(last);
  }
}
