// A TCP server whose every byte a test decides.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

/** A running server. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  /** Every connection so far. */
  readonly sockets: Socket[];
  /** What came on each connection, latin1. */
  readonly received: string[];
  /** How many connections are open. */
  readonly open: number;
  close(): Promise<void>;
}

/** What a connection does with the bytes that came; `text` is all of them. */
export type Answer = (socket: Socket, text: string, index: number) => void;

/** Starts one on loopback. */
export async function startRawServer(answer: Answer, onConnection?: (socket: Socket) => void): Promise<RawServer> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  let open = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    const index = sockets.push(socket) - 1;
    received.push("");
    open += 1;
    socket.on("error", () => undefined);
    socket.on("close", () => (open -= 1));
    onConnection?.(socket);
    socket.on("data", (bytes) => {
      received[index] += bytes.toString("latin1");
      answer(socket, received[index] ?? "", index);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    sockets,
    received,
    get open() {
      return open;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Answers each request (its head, and its body if it has a length) with the same bytes. */
export function answerAlways(bytes: string): Answer {
  const answered = new WeakMap<Socket, number>();
  return (socket, text) => {
    const wanted = countRequests(text);
    for (let done = answered.get(socket) ?? 0; done < wanted; done += 1) socket.write(bytes, "latin1");
    answered.set(socket, wanted);
  };
}

function countRequests(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count += 1) {
    const end = text.indexOf("\r\n\r\n", at);
    if (end < 0) return count;
    const length = Number(/content-length: (\d+)/.exec(text.slice(at, end))?.[1] ?? 0);
    at = end + 4 + length;
    if (at > text.length) return count;
  }
  return count;
}
