// A response of HTTP/2 in the form that the stages know from HTTP/1.1, where Node's own form differs from it: lists of headers, an end
// that was whole or not, and a stream that is broken off without the other streams of its connection.
import { constants, Http2ServerResponse } from "node:http2";

/** Headers of one connection; HTTP/2 forbids them (RFC 9113 §8.2.2). */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "te",
]);

const PART_BYTES = 64 * 1024;

/** Made by Node for each stream. */
export class Http2Response extends Http2ServerResponse {
  /** Bytes of the body that were written so far. */
  bytesWritten = 0;

  // @ts-expect-error -- Node has accessors where its type definitions say properties.
  override get destroyed(): boolean {
    return this.stream.destroyed;
  }

  /** Node calls a stream finished that its client cancelled. */
  // @ts-expect-error -- As above.
  override get writableFinished(): boolean {
    return this.writableEnded && this.stream.writableFinished && !this.stream.aborted;
  }

  /** Also with a flat list, and with a phrase, which HTTP/2 does not have. Headers that come twice are joined. */
  override writeHead(statusCode: number, first?: unknown, second?: unknown): this {
    const headers = typeof first === "object" && first !== null ? first : second;
    return super.writeHead(statusCode, Array.isArray(headers) ? fromList(headers) : fromObject(headers ?? {}));
  }

  /** A long piece goes in parts, for a stream tells of a write only when all of it was taken. */
  override write(chunk: string | Uint8Array): boolean {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.bytesWritten += bytes.length;
    let hasRoom = true;
    for (let at = 0; at < bytes.length; at += PART_BYTES) hasRoom = super.write(bytes.subarray(at, at + PART_BYTES));
    return hasRoom;
  }

  writeProcessing(): void {
    if (!this.headersSent && !this.destroyed) this.stream.additionalHeaders({ ":status": 102 });
  }

  /** What gives up a response gives it up as broken. */
  override destroy(error?: Error): this {
    if (error === undefined) this.breakOff();
    else super.destroy(error);
    return this;
  }

  /** Ends the stream so that its client cannot take what came for a whole response. */
  breakOff(): void {
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}

type Headers = Record<string, string | string[]>;

function fromList(list: readonly string[]): Headers {
  const headers: Headers = Object.create(null) as Headers;
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = (list[index] as string).toLowerCase();
    const value = list[index + 1] as string;
    const known = headers[name];
    if (FORBIDDEN.has(name)) continue;
    if (name === "set-cookie") headers[name] = [...(known ?? []), value];
    else headers[name] = known === undefined ? value : `${String(known)}, ${value}`;
  }
  return headers;
}

function fromObject(object: object): Headers {
  const entries = Object.entries(object).flatMap(([name, value]) => [name, String(value)]);
  return fromList(entries);
}
