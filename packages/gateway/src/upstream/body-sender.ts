// Sends a streamed request body: by its announced length, or chunked. A full socket stops the source, so at most one socket buffer and
// one stream buffer wait in memory. A source that gives more than was announced, or less, breaks the request off: what followed would be
// read as another request.
import type { Socket } from "node:net";
import type { Readable } from "node:stream";

/** Who is told; once, unless `stop` was called before. */
export interface BodySenderHandler {
  /** All of the body was given to the socket. */
  onBodySent(): void;
  onBodyFault(code: string, message: string): void;
}

/** A running body. `onDrain` is to be called when the socket has room again. */
export interface BodySender {
  onDrain(): void;
  /** Ends it; the source is destroyed unless it was read to its end. Idempotent. */
  stop(): void;
}

/** Starts sending. `announced` −1 is chunked. */
export function startBody(source: Readable, socket: Socket, announced: number, handler: BodySenderHandler): BodySender {
  let sent = 0;
  let isStopped = false;
  const isChunked = announced < 0;
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    source.off("data", onData).off("end", onEnd).off("close", onClose);
    if (!source.readableEnded) source.destroy();
  };
  const fault = (code: string, message: string): void => {
    if (isStopped) return;
    stop();
    handler.onBodyFault(code, message);
  };
  const onData = (chunk: Buffer): void => {
    if (chunk.length === 0) return;
    sent += chunk.length;
    if (!isChunked && sent > announced) {
      fault("FB_UPSTREAM_BODY_LENGTH", `the request's body is longer than the announced ${announced} bytes`);
      return;
    }
    if (!writePiece(socket, chunk, isChunked)) source.pause();
  };
  const onEnd = (): void => {
    if (!isChunked && sent < announced) {
      fault("FB_UPSTREAM_BODY_LENGTH", `the request's body ended after ${sent} of ${announced} bytes`);
      return;
    }
    stop();
    if (isChunked) socket.write("0\r\n\r\n", "latin1");
    handler.onBodySent();
  };
  const onClose = (): void => fault("FB_UPSTREAM_BODY_LOST", "the request's body broke off");
  source.on("error", ignore);
  if (source.destroyed) process.nextTick(onClose);
  else source.on("data", onData).on("end", onEnd).on("close", onClose);
  return { onDrain: () => void (isStopped || source.resume()), stop };
}

/** Stays on the source: one that fails after the request is over must not end the program. What it means is said by `close`. */
function ignore(): void {
  return;
}

function writePiece(socket: Socket, chunk: Buffer, isChunked: boolean): boolean {
  if (!isChunked) return socket.write(chunk);
  socket.cork();
  socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
  socket.write(chunk);
  const hasRoom = socket.write("\r\n", "latin1");
  socket.uncork();
  return hasRoom;
}
