// Asks an egress proxy for a tunnel (CONNECT, RFC 9110 §9.3.6). The answer is read by the same strict parser as any response.
import type { Socket } from "node:net";
import { RESPONSE_FAULTS } from "./response-fault.ts";
import { ResponseParser, type ResponseSink } from "./response-parser.ts";
import type { ResponseHead } from "./upstream.ts";

/** What is asked for. */
export interface TunnelRequest {
  /** `host:port` of the origin. */
  readonly authority: string;
  /** The value of `proxy-authorization`; never logged. */
  readonly authorization: string | undefined;
}

/** Why there is no tunnel. */
export interface TunnelError {
  readonly code: string;
  readonly message: string;
}

/** Opens a tunnel on a fresh connection to the proxy; calls back once, unless the connection breaks: that is its owner's to see. */
export function openTunnel(
  socket: Socket,
  { authority, authorization }: TunnelRequest,
  onDone: (error: TunnelError | undefined) => void,
): void {
  const done = (error?: TunnelError): void => {
    socket.off("data", onData);
    socket.pause();
    parser.stop();
    onDone(error);
  };
  const refused = (head: ResponseHead): void =>
    done({
      code: "FB_UPSTREAM_PROXY_REFUSED",
      message: `the egress proxy answered CONNECT with status ${head.status}`,
    });
  const sink: ResponseSink = { onInformation: () => undefined, onHead: refused, onBody: () => undefined };
  const parser = new ResponseParser(sink);
  parser.reset("connect");
  const onData = (bytes: Buffer): void => {
    const end = parser.execute(bytes, 0, bytes.length);
    if (parser.fault !== undefined)
      done({ code: parser.fault, message: `egress proxy: ${RESPONSE_FAULTS[parser.fault]}` });
    else if (parser.switched !== undefined && end < bytes.length) {
      // Under TLS the client speaks first: bytes of nobody's are an attempt to be taken for the origin's.
      done({ code: "FB_UPSTREAM_PROXY_REFUSED", message: "the egress proxy sent bytes before the tunnel was used" });
    } else if (parser.switched !== undefined) done();
  };
  socket.on("data", onData);
  const credentials = authorization === undefined ? "" : `proxy-authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`, "latin1");
}
