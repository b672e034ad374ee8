// JSON lines over a Unix socket: what the keeper protocol and the link between control and gateway speak.
// One message is one line. Every side bounds what it holds for the other: a line, and what waits unsent.
import type { Socket } from "node:net";
import { TextDecoder } from "node:util";
import { createLineSplitter } from "./line-splitter.ts";

/** The longest line that is accepted unless said otherwise: 4 MiB. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** A connection whose peer leaves more than this unread is closed: 8 MiB. */
export const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
/** How long `close` waits for the peer to read the rest. */
export const CLOSE_GRACE_MS = 1_000;

/** One end of a connection. Listeners are added at once after it is made; nothing is read before the first one. */
export interface JsonLinesConnection {
  /** Sends one message. Does nothing after the close; closes the connection when more than 8 MiB wait unsent. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once; with an error when the connection did not end in order. Called too when it has ended already. */
  onClose(listener: (error?: Error) => void): void;
  /** Sends what waits, then closes. Idempotent. */
  close(): void;
}

/** Speaks JSON lines on a connected socket. A malformed or too long line closes it with an error. */
export function wrapJsonLines(socket: Socket, options: { maxLineBytes?: number } = {}): JsonLinesConnection {
  const maxLineBytes = options.maxLineBytes ?? MAX_LINE_BYTES;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const messageListeners: ((message: unknown) => void)[] = [];
  const closeListeners: ((error?: Error) => void)[] = [];
  let failure: Error | undefined;
  let isClosed = socket.destroyed;
  let isReading = false;
  const fail = (reason: string): void => {
    failure ??= new Error(reason);
    socket.destroy();
  };
  const splitter = createLineSplitter({
    maxLineBytes,
    onOverflow: () => fail(`a line is longer than ${maxLineBytes} bytes`),
    onLine(line) {
      if (socket.destroyed || line.length === 0) return;
      const message = parseLine(decoder, line);
      if (message.isMalformed) fail("a line is not JSON in UTF-8");
      else for (const listener of messageListeners) listener(message.value);
    },
  });
  socket.on("error", (error) => (failure ??= error));
  socket.once("close", () => {
    isClosed = true;
    for (const listener of closeListeners) listener(failure);
  });
  const read = (): void => {
    if (isReading) return;
    isReading = true;
    socket.on("data", (chunk: Buffer) => splitter.push(chunk));
  };
  return {
    send(message) {
      if (!socket.writable) return;
      socket.write(`${JSON.stringify(message)}\n`);
      if (socket.writableLength > MAX_UNSENT_BYTES) fail(`the peer left more than ${MAX_UNSENT_BYTES} bytes unread`);
    },
    onMessage(listener) {
      messageListeners.push(listener);
      read();
    },
    onClose(listener) {
      closeListeners.push(listener);
      read();
      if (isClosed) queueMicrotask(() => listener(failure));
    },
    close() {
      if (socket.destroyed) return;
      socket.destroySoon();
      setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref();
    },
  };
}

function parseLine(decoder: TextDecoder, line: Buffer): { isMalformed: boolean; value?: unknown } {
  try {
    return { isMalformed: false, value: JSON.parse(decoder.decode(line)) };
  } catch {
    return { isMalformed: true };
  }
}
