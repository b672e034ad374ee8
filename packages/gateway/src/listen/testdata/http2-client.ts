// A client of HTTP/2 that shows how each of its streams ended.
import { once } from "node:events";
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from "node:http2";
import { connect as connectTls } from "node:tls";

/** What came of a stream. */
export interface Http2Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** NGHTTP2_NO_ERROR for a whole response. */
  readonly rstCode: number;
}

/** Opens a connection without looking at the certificate. */
export async function openSession(port: number): Promise<ClientHttp2Session> {
  const session = connect(`https://localhost:${port}`, {
    createConnection: () =>
      connectTls({ host: "127.0.0.1", port, servername: "localhost", ALPNProtocols: ["h2"], rejectUnauthorized: false }),
  });
  session.on("error", () => undefined);
  await once(session, "connect");
  return session;
}

/** Collects a stream's answer until it closes. */
export function readStream(stream: ClientHttp2Stream): Promise<Http2Reply> {
  return new Promise((resolve) => {
    let headers: Http2Reply["headers"] = {};
    let text = "";
    stream.on("response", (received) => (headers = received as Http2Reply["headers"]));
    stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    stream.on("error", () => undefined);
    stream.on("close", () => {
      resolve({ status: Number(headers[":status"] ?? 0), headers, text, rstCode: stream.rstCode ?? -1 });
    });
  });
}

/** Sends a request with an optional body and reads its answer. */
export function request(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string): Promise<Http2Reply> {
  const stream = session.request(headers, { endStream: body === undefined });
  const reply = readStream(stream);
  if (body !== undefined) stream.end(body);
  return reply;
}
