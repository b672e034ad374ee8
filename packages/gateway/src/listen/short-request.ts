// A request that came whole in one read: its body is at hand, and nothing of it is a stream.
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { ClientRequest } from "./client-request.ts";

/** What the parser told of a request. */
export interface ShortRequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly wholeBody: Buffer;
  readonly socket: Socket;
}

/** Made once per request. Its events never come: all of it is here. */
export class ShortRequest implements ClientRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly socket: Socket;
  readonly wholeBody: Buffer;
  readonly complete = true;
  readonly readableLength = 0;

  constructor(parts: ShortRequestParts) {
    this.method = parts.method;
    this.url = parts.url;
    this.headers = parts.headers;
    this.rawHeaders = parts.rawHeaders;
    this.socket = parts.socket;
    this.wholeBody = parts.wholeBody;
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  read(): null {
    return null;
  }

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  on(): this {
    return this;
  }

  once(): this {
    return this;
  }

  off(): this {
    return this;
  }

  removeAllListeners(): this {
    return this;
  }
}
