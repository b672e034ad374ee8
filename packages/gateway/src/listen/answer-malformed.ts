// What a connection gets whose bytes are no HTTP/1.1 request: an answer that says so, then the end. A client that begins with HTTP/2
// gets a frame that its own library understands.
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { errorAnswer, type ErrorAnswer } from "../errors/answer-error.ts";

/** Answers and closes. Does nothing on a connection that is gone already. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET" || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  if (error.code === "HPE_PAUSED_H2_UPGRADE") {
    socket.end(http2Refusal());
    return;
  }
  // A client that keeps a spare connection sent no request; an answer would be taken for that of its next one.
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && (socket as Socket).bytesRead === 0) {
    socket.destroy();
    return;
  }
  const { status, phrase, answer } = describe(error);
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(answer.body)}\r\nconnection: close\r\n\r\n${answer.body}`,
  );
}

/** A response whose head is out would be mixed with another one. Node keeps the response that runs at its socket. */
function isAnswering(socket: Duplex & { readonly _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
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

interface Refusal {
  readonly status: number;
  readonly phrase: string;
  readonly answer: ErrorAnswer;
}

function describe(error: NodeJS.ErrnoException): Refusal {
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW": {
      const answer = errorAnswer("FB_GATEWAY_HEADERS_TOO_LARGE", { limit: "16 KiB" });
      return { status: 431, phrase: "Request Header Fields Too Large", answer };
    }
    case "ERR_HTTP_REQUEST_TIMEOUT": {
      const answer = errorAnswer("FB_GATEWAY_BAD_REQUEST", { reason: "its headers did not arrive in time" });
      return { status: 408, phrase: "Request Timeout", answer };
    }
    default: {
      const answer = errorAnswer("FB_GATEWAY_BAD_REQUEST", { reason: error.message });
      return { status: 400, phrase: "Bad Request", answer };
    }
  }
}
