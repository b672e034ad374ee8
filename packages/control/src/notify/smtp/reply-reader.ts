// Reads the replies of a mail server (RFC 5321 §4.2): a code, and one or more lines of text. Bounded, because the other side is a stranger.
import type { Socket } from "node:net";

/** One reply. */
export interface SmtpReply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Replies of a connection, in order. */
export interface ReplyReader {
  next(): Promise<SmtpReply>;
  /** Bytes that came before they were asked for. */
  hasMore(): boolean;
  /** The socket is read by somebody else from now on. */
  detach(): void;
}

/** A line of a reply has at most 512 bytes (RFC 5321 §4.5.3.1.5), and none has many lines. */
const MOST_BYTES = 16 * 1024;

/** Reads from a socket until it is detached. */
export function createReplyReader(socket: Socket): ReplyReader {
  let buffer = "";
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const settle = (error?: Error): void => {
    failure ??= error;
    wake?.();
  };
  const onData = (chunk: Buffer): void => {
    buffer += chunk.toString("latin1");
    settle(buffer.length > MOST_BYTES ? new Error("the mail server says more than a reply may hold") : undefined);
  };
  const onError = (error: Error): void => settle(error);
  const onClose = (): void => settle(new Error("the mail server closed the connection"));
  socket.on("data", onData).on("error", onError).on("close", onClose);

  const take = (): SmtpReply | undefined => {
    const match = /^(?:[2-5]\d\d-[^\r\n]*\r?\n)*[2-5]\d\d(?: [^\r\n]*)?\r?\n/.exec(buffer);
    if (match === null) return undefined;
    buffer = buffer.slice(match[0].length);
    const lines = match[0].split(/\r?\n/).slice(0, -1);
    return { code: Number(lines[0]?.slice(0, 3)), lines: lines.map((line) => line.slice(4)) };
  };
  return {
    async next() {
      for (;;) {
        const reply = take();
        if (reply !== undefined) return reply;
        if (buffer.includes("\n") && !/^[2-5]\d\d/.test(buffer)) throw new Error("it does not speak SMTP");
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    hasMore: () => buffer !== "",
    detach: () => void socket.off("data", onData).off("error", onError).off("close", onClose),
  };
}
