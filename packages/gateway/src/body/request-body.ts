// The body of a plain request on its way up: streamed with back-pressure, and kept up to 256 KiB so that another attempt can send it
// again. A larger body is not kept, so once a byte of it was sent there is no second attempt. Memory per request: what is kept, plus
// one stream buffer of 64 KiB.
import type { ClientRequest } from "../listen/client-request.ts";
import type { Http2ServerRequest } from "node:http2";
import { Readable } from "node:stream";
import type { Clock } from "@flyball/core";

/** How long a client may go on sending a body that nobody reads any more before its connection is closed. */
export const LINGER_MS = 1_000;

/** Bytes kept for another attempt. */
export const KEPT_BODY_BYTES = 256 * 1024;

/** A body that can be opened once per attempt. */
export interface RequestBody {
  /** What the next attempt sends: nothing, all of it, or a stream. The stream of the attempt before is cut off. */
  open(): Buffer | Readable | null;
  /** Whether `open` would give the body from its first byte. */
  isReplayable: boolean;
  /** The client has sent all of it. */
  isComplete: boolean;
  /** Told of each piece that comes in, and of the end; only where `isComplete` is false. */
  listener: { onBodyProgress(): void } | undefined;
  /**
   * The response is over and no attempt will open it again. What the client still sends is read and dropped for a second, so that it can
   * read the response; then its connection is closed.
   */
  close(): void;
}

/** Whether the request announces a body. */
export function hasBody(request: ClientRequest): boolean {
  const length = request.headers["content-length"];
  if (length !== undefined) return length !== "0";
  if (request.httpVersionMajor === 2) return !(request as unknown as Http2ServerRequest).stream.endAfterHeaders;
  return request.headers["transfer-encoding"] !== undefined;
}

/** Wraps a request's body. Call it after the chunk that brought the headers was parsed: a body inside it then needs no stream. */
export function createRequestBody(request: ClientRequest, clock: Clock): RequestBody {
  if (!hasBody(request)) return wholeBody(null);
  if (request.wholeBody !== undefined) return wholeBody(request.wholeBody);
  if (isHere(request) && request.readableLength <= KEPT_BODY_BYTES) {
    return wholeBody((request.read() as Buffer | null) ?? Buffer.alloc(0));
  }
  return createStreamedBody(request, clock);
}

/** Whether all of the body was parsed. Its last byte comes one callback before `complete`. */
function isHere(request: ClientRequest): boolean {
  return request.complete || request.readableLength === Number(request.headers["content-length"] ?? -1);
}

function wholeBody(bytes: Buffer | null): RequestBody {
  return {
    open: () => bytes,
    isReplayable: true,
    isComplete: true,
    listener: undefined,
    close: () => undefined,
  };
}

function createStreamedBody(request: ClientRequest, clock: Clock): RequestBody {
  let kept: Buffer[] | undefined = [];
  let keptBytes = 0;
  let isStarted = false;
  let isClosed = false;
  let source: Readable | undefined;
  const keep = (chunk: Buffer): void => {
    keptBytes += chunk.length;
    if (keptBytes > KEPT_BODY_BYTES) {
      kept = undefined;
      body.isReplayable = false;
    } else kept?.push(chunk);
  };
  const start = (): void => {
    isStarted = true;
    request.on("data", (chunk: Buffer) => {
      if (isClosed) return;
      keep(chunk);
      body.listener?.onBodyProgress();
      if (!source || source.destroyed || !source.push(chunk)) request.pause();
    });
    request.on("end", () => {
      body.isComplete = true;
      body.listener?.onBodyProgress();
      if (source && !source.destroyed) source.push(null);
    });
    request.on("error", () => source?.destroy());
  };
  const body: RequestBody = {
    listener: undefined,
    isReplayable: true,
    isComplete: false,
    open() {
      source?.destroy();
      if (body.isComplete && kept) return Buffer.concat(kept);
      const next = new Readable({ read: () => void (body.isComplete || request.resume()) });
      next.on("error", () => undefined);
      for (const chunk of kept ?? []) next.push(chunk);
      source = next;
      if (!isStarted) start();
      return next;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      kept = undefined;
      body.listener = undefined;
      if (source && !source.readableEnded) source.destroy();
      if (!isStarted) request.on("error", () => undefined);
      if (request.complete || request.destroyed) return;
      request.resume();
      clock.after(LINGER_MS, () => {
        if (!request.complete) request.socket.destroy();
      });
    },
  };
  return body;
}
