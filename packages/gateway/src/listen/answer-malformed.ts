// What a connection gets whose bytes are no HTTP/1.1 request: an answer that says so, then the end. A client that begins with HTTP/2
// gets a frame that its own library understands.
import type { Duplex } from "node:stream";
import { errorAnswer } from "../errors/answer-error.ts";

/** Answers and closes. Does nothing on a connection that is gone already. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  if (error.code === "HPE_PAUSED_H2_UPGRADE") {
    socket.end(http2Refusal());
    return;
  }
  const answer = errorAnswer("FB_GATEWAY_BAD_REQUEST", { reason: reasonOf(error) });
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
  const phrase = status === 431 ? "Request Header Fields Too Large" : "Bad Request";
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(answer.body)}\r\nconnection: close\r\n\r\n${answer.body}`,
  );
}

/** SETTINGS, then GOAWAY with HTTP_1_1_REQUIRED (RFC 9113 §7) and a sentence. */
export function http2Refusal(): Buffer {
  const text = Buffer.from("Flyball speaks HTTP/1.1 here; HTTP/2 and gRPC are refused");
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const goAway = Buffer.alloc(9 + 8);
  goAway.writeUIntBE(8 + text.length, 0, 3);
  goAway[3] = 7;
  goAway.writeUInt32BE(0x0d, 9 + 4);
  return Buffer.concat([settings, goAway, text]);
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      return "its headers are longer than 16 KiB";
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return "its headers did not arrive in time";
    default:
      return error.message;
  }
}
