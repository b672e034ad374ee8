// The two sides of a request as the stages see them, whatever brought it: Node's own HTTP/1.1, a stream of HTTP/2, or the short way of a
// request that came in one piece. Node's classes have these members; the other two are written to have no more.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { Socket } from "node:net";

/** What a client sent. */
export interface ClientRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersionMajor: number;
  readonly httpVersionMinor: number;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value … as they came. */
  readonly rawHeaders: readonly string[];
  readonly socket: Socket;
  /** All of the body, where it came with the headers: nothing is then to be read as a stream. */
  readonly wholeBody?: Buffer | undefined;
  /** All of it was received. */
  readonly complete: boolean;
  readonly destroyed: boolean;
  readonly readableLength: number;
  read(): unknown;
  pause(): unknown;
  resume(): unknown;
  on: RequestEvents<this>;
  once: RequestEvents<this>;
  off: RequestEvents<this>;
  removeAllListeners(event: string): this;
}

/** The events of a body that is read as a stream. */
interface RequestEvents<Self> {
  (event: "data", listener: (chunk: Buffer) => void): Self;
  (event: "end", listener: () => void): Self;
  (event: "close", listener: () => void): Self;
  (event: "error", listener: (error: Error) => void): Self;
}

/** What it gets back. `close` comes exactly once, after the last byte went out or when the client is gone. */
export interface ClientResponse {
  readonly req: ClientRequest;
  statusCode: number;
  shouldKeepAlive: boolean;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  /** The whole of it was handed to the system. */
  readonly writableFinished: boolean;
  readonly writableNeedDrain: boolean;
  readonly destroyed: boolean;
  setHeader(name: string, value: string | number): unknown;
  writeHead(status: number, headers?: OutgoingHttpHeaders | string[]): this;
  writeHead(status: number, phrase: string, headers?: OutgoingHttpHeaders | string[]): this;
  flushHeaders(): void;
  writeProcessing(): void;
  writeEarlyHints(hints: { readonly link: string[] }): void;
  /** false: the client reads slowly; `drain` says when it has caught up. */
  write(piece: string | Uint8Array): boolean;
  end(piece?: string | Uint8Array): unknown;
  once(event: "close", listener: () => void): this;
  once(event: "drain", listener: () => void): this;
  off(event: "close", listener: () => void): this;
}
