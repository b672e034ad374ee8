// A client that shows exactly what came over the wire.
import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";

/** What to send. */
export interface Call {
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer | string;
  readonly agent?: Agent;
}

/** What came back whole. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  readonly text: string;
  json(): any;
}

/** Opens a request; its end is the caller's. */
export function open(call: Call): ClientRequest {
  const request = httpRequest({
    host: "127.0.0.1",
    port: call.port,
    path: call.path ?? "/",
    method: call.method ?? (call.body === undefined ? "GET" : "POST"),
    headers: call.headers as Record<string, string | string[]>,
    agent: call.agent ?? false,
  });
  request.on("error", () => undefined);
  return request;
}

/** Sends and reads all. Rejects when the connection breaks before the end. */
export function send(call: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = open(call);
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const body = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          text: body.toString(),
          json: () => JSON.parse(body.toString()),
        });
      });
    });
    request.end(call.body);
  });
}

/** Writes bytes on a raw connection and collects what comes until it closes or `isEnough` says so. */
export function raw(
  port: number,
  bytes: string | Buffer,
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (isEnough(text)) socket.destroy();
    });
    socket.on("error", (error) => (text === "" ? reject(error) : undefined));
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}
