// HTTP/2 frame by frame, for what no client library sends and to see what libraries hide.
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

/** A frame as it came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, continuation: 9 } as const;
export const END_STREAM = 1;
export const END_HEADERS = 4;

/** An open connection. */
export interface RawHttp2 {
  readonly socket: TLSSocket;
  readonly frames: readonly Frame[];
  readonly closed: Promise<void>;
  send(type: number, flags: number, stream: number, payload?: Buffer): void;
  /** A GET or POST of `/` on a stream; further header bytes are appended as they are. */
  request(stream: number, flags: number, more?: Buffer): void;
}

/** Opens a connection and says hello. */
export async function openRaw(port: number): Promise<RawHttp2> {
  const socket = connect({ port, host: "127.0.0.1", ALPNProtocols: ["h2"], rejectUnauthorized: false });
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
  await once(socket, "secureConnect");
  const frames: Frame[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      const payload = Buffer.from(rest.subarray(9, end));
      frames.push({ type: rest[3] ?? 0, flags: rest[4] ?? 0, stream: rest.readUInt32BE(5) & 0x7fff_ffff, payload });
      rest = rest.subarray(end);
    }
  });
  const raw: RawHttp2 = {
    socket,
    frames,
    closed,
    send(type, flags, stream, payload = Buffer.alloc(0)) {
      const head = Buffer.alloc(9);
      head.writeUIntBE(payload.length, 0, 3);
      head[3] = type;
      head[4] = flags;
      head.writeUInt32BE(stream, 5);
      if (!socket.destroyed) socket.write(Buffer.concat([head, payload]));
    },
    request(stream, flags, more = Buffer.alloc(0)) {
      // HPACK static table: 2 GET, 3 POST, 7 https, 4 the path /, 1 the authority with a literal value.
      const method = (flags & END_STREAM) === 0 ? 0x83 : 0x82;
      const block = Buffer.concat([Buffer.from([method, 0x87, 0x84, 0x01, 1]), Buffer.from("x"), more]);
      raw.send(FRAME.headers, flags, stream, block);
    },
  };
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  raw.send(FRAME.settings, 0, 0);
  return raw;
}
