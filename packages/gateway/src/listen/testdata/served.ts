// A server of HTTP/1.1 on loopback whose handler answers as the target says: once with Node's own server, once with the short way. What
// the handler saw is kept, so that both can be compared.
import { createServer as createNodeServer } from "node:http";
import { createServer as createTcpServer, connect, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { systemClock, type Clock } from "@flyball/core";
import { answerMalformed } from "../answer-malformed.ts";
import type { ClientRequest, ClientResponse } from "../client-request.ts";
import type { ListenerHandler } from "../http-listener.ts";
import { createHttp1Server, type Http1Server } from "../http1-server.ts";
import { LISTENER_LIMITS, type ListenerLimits } from "../listener-limits.ts";
import { readAnswers, type Answer } from "./read-answers.ts";

export type ServerKind = "node" | "short";

/** What the handler was given, and how its response ended. */
export interface Seen {
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly version: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly rawHeaders: readonly string[];
  body: string | undefined;
  closes: number;
  wasFinished: boolean | undefined;
}

export interface Served {
  readonly kind: ServerKind;
  readonly port: number;
  readonly seen: Seen[];
  readonly sockets: Socket[];
  readonly counts: { malformed: number; upgrades: number };
  /** Node's own has none. */
  readonly http1: Http1Server | undefined;
  readonly isTls: boolean;
  stop(): void;
}

export interface ServeOptions {
  readonly limits?: Partial<ListenerLimits>;
  readonly clock?: Clock;
  readonly onRequest?: ListenerHandler["onRequest"];
  readonly onUpgrade?: ListenerHandler["onUpgrade"];
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

/** Starts a server of one kind. */
export async function serve(kind: ServerKind, options: ServeOptions = {}): Promise<Served> {
  const limits = { ...LISTENER_LIMITS, ...options.limits };
  const seen: Seen[] = [];
  const sockets: Socket[] = [];
  const counts = { malformed: 0, upgrades: 0 };
  const handler: ListenerHandler = {
    onRequest(request, response) {
      watch(seen, request, response);
      (options.onRequest ?? answerAsTarget)(request, response);
    },
    onUpgrade(request, socket, head) {
      counts.upgrades += 1;
      if (options.onUpgrade) options.onUpgrade(request, socket, head);
      else socket.destroy();
    },
    onConnections: () => undefined,
    onMalformed: () => void (counts.malformed += 1),
  };
  const http1 = kind === "short" ? createHttp1Server(handler, limits, options.clock ?? systemClock) : undefined;
  const take = http1 ? http1.accept : acceptByNode(handler, limits);
  const accept = (socket: Socket): void => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    take(socket);
  };
  const front = options.tls
    ? createTlsServer({ ...options.tls, ALPNProtocols: ["http/1.1"] }, accept)
    : createTcpServer({ allowHalfOpen: true, noDelay: true }, accept);
  await new Promise<void>((resolve) => void front.listen(0, "127.0.0.1", resolve));
  const { port } = front.address() as AddressInfo;
  return {
    kind,
    port,
    seen,
    sockets,
    counts,
    http1,
    isTls: options.tls !== undefined,
    stop() {
      front.close();
      http1?.stop();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Node's own server with the same limits, without the short way. */
function acceptByNode(handler: ListenerHandler, limits: ListenerLimits): (socket: Socket) => void {
  const server = createNodeServer(
    {
      keepAliveTimeout: limits.keepAliveMs,
      headersTimeout: limits.headersMs,
      requestTimeout: 0,
      connectionsCheckingInterval: limits.checkEveryMs,
      maxHeaderSize: limits.headerBytes,
      noDelay: true,
      ...{ shouldUpgradeCallback: (request: ClientRequest) => request.headers.upgrade === "websocket" },
    },
    (request, response) => handler.onRequest(request, response),
  );
  server.maxHeadersCount = 0;
  server.on("upgrade", handler.onUpgrade);
  server.on("clientError", (error, socket) => {
    handler.onMalformed();
    answerMalformed(error, socket);
  });
  server.emit("listening");
  return (socket) => void server.emit("connection", socket);
}

function watch(seen: Seen[], request: ClientRequest, response: ClientResponse): void {
  const entry: Seen = {
    request,
    response,
    method: request.method,
    url: request.url,
    version: `${request.httpVersionMajor}.${request.httpVersionMinor}`,
    headers: { ...request.headers },
    rawHeaders: [...request.rawHeaders],
    body: undefined,
    closes: 0,
    wasFinished: undefined,
  };
  seen.push(entry);
  response.once("close", () => {
    entry.closes += 1;
    entry.wasFinished = response.writableFinished;
  });
  request.on("error", () => undefined);
  if (new URLSearchParams(request.url?.split("?")[1]).has("early")) return;
  readBody(request, (body) => (entry.body = body));
}

/** The body as text, when it is whole. */
export function readBody(request: ClientRequest, onBody: (body: string) => void): void {
  if (request.wholeBody !== undefined) {
    onBody(request.wholeBody.toString("latin1"));
    return;
  }
  let body = "";
  request.on("data", (chunk) => (body += chunk.toString("latin1")));
  request.on("end", () => onBody(body));
}

/** How `?kind=…&status=…&size=…&when=…` of a target is answered. `early` answers before the body was read, and reads none. */
function answerAsTarget(request: ClientRequest, response: ClientResponse): void {
  const wish = new URLSearchParams(request.url?.split("?")[1]);
  const run = (): void => write(response, wish);
  const begin = (): void => {
    const when = wish.get("when");
    if (when === "tick") process.nextTick(run);
    else if (when === "later") setImmediate(run);
    else if (when !== "never") run();
  };
  if (wish.has("early")) begin();
  else readBody(request, begin);
}

function write(response: ClientResponse, wish: URLSearchParams): void {
  const status = Number(wish.get("status") ?? 200);
  const size = Number(wish.get("size") ?? 10);
  const body = Buffer.alloc(size, `${request(response)}\u00e9|`, "latin1");
  if (wish.has("close")) response.shouldKeepAlive = false;
  switch (wish.get("kind") ?? "length") {
    case "length":
      response.setHeader("x-set", "1");
      response.setHeader("X-Set", "2");
      response.setHeader("x-over", "set");
      response.writeHead(status, { "content-length": size, "X-Over": "written", "x-list": ["a", "b"] }).end(body);
      return;
    case "implicit":
      response.statusCode = status;
      response.setHeader("X-Number", 7);
      response.end(body);
      return;
    case "empty":
      response.statusCode = status;
      response.end();
      return;
    case "bare":
      response.writeHead(status, "As It Likes").end();
      return;
    case "chunked":
      response.writeHead(status, ["Set-Cookie", "a=1", "set-cookie", "b=2", "X-Text", "\u00fcber"]).end(body);
      return;
    case "pieces":
      response.writeProcessing();
      response.writeEarlyHints({ link: ["</a>; rel=preload", "</b>; rel=preload"] });
      response.writeHead(status, { "content-type": "text/plain" });
      response.flushHeaders();
      response.write(body.subarray(0, size >> 1));
      setImmediate(() => {
        response.write("");
        response.write(body.subarray(size >> 1));
        response.end();
      });
      return;
    default:
      throw new Error(`no such answer: ${wish.get("kind")}`);
  }
}

function request(response: ClientResponse): string {
  return response.req.url ?? "";
}

/** What a client does. */
export interface Script {
  /** Sent one behind another, each after the server has read the one before. A number waits for so many answers. */
  readonly reads: readonly (Buffer | string | number)[];
  /** The methods of the requests in their order: as many answers are awaited. */
  readonly methods: readonly string[];
}

/** What it saw. */
export interface Played {
  readonly answers: readonly Answer[];
  readonly rest: string;
  /** Whether another request was answered afterwards. */
  readonly wasKept: boolean;
  readonly seen: readonly Omit<Seen, "request" | "response">[];
}

const PROBE = "GET /probe?kind=length HTTP/1.1\r\nHost: probe\r\n\r\n";

/** Waits until it is so. A turn of the event loop at a time; no clock. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => void setImmediate(resolve));
}

export interface Client {
  readonly socket: Socket;
  text(): string;
  isClosed(): boolean;
  send(bytes: Buffer | string): Promise<void>;
}

/** A client with the server's side of its connection. */
export interface ServedClient extends Client {
  readonly served: Socket;
}

/** Connects; resolves when the server has the connection. */
export async function dial(server: Served): Promise<ServedClient> {
  const known = server.sockets.length;
  const socket = server.isTls
    ? connectTls({ port: server.port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] })
    : connect({ port: server.port, host: "127.0.0.1", noDelay: true });
  const chunks: Buffer[] = [];
  let isClosed = false;
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => chunks.push(chunk));
  // The server has ended: nothing more will be read.
  socket.on("end", () => (isClosed = true));
  socket.on("close", () => (isClosed = true));
  await until(() => server.sockets.length > known);
  const served = server.sockets[known] as Socket;
  const start = served.bytesRead;
  let sent = 0;
  return {
    socket,
    served,
    text: () => Buffer.concat(chunks).toString("latin1"),
    isClosed: () => isClosed,
    async send(bytes) {
      if (isClosed || !socket.writable) return;
      const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
      sent += data.length;
      socket.write(data);
      if ((served as Partial<TLSSocket>).encrypted) await until(() => socket.writableLength === 0 || isClosed);
      else await until(() => isClosed || served.destroyed || served.bytesRead - start >= sent);
    },
  };
}

/** Plays a script on a new connection. */
export async function play(server: Served, { reads, methods }: Script): Promise<Played> {
  server.seen.length = 0;
  const client = await dial(server);
  const finals = (): number =>
    readAnswers(client.text(), methods, client.isClosed()).whole.filter(({ status }) => status >= 200).length;
  const answeredOr = (count: number): Promise<void> => until(() => client.isClosed() || finals() >= count);
  for (const read of reads) {
    if (typeof read === "number") await answeredOr(read);
    else await client.send(read);
  }
  await answeredOr(methods.length);
  if (!client.isClosed()) {
    await client.send(PROBE);
    await answeredOr(methods.length + 1);
  }
  const { whole, rest } = readAnswers(client.text(), methods, client.isClosed());
  const isProbed = server.seen.at(-1)?.headers["host"] === "probe";
  client.socket.destroy();
  await until(() => client.served.destroyed && server.seen.every(({ closes }) => closes > 0));
  const seen = isProbed ? server.seen.slice(0, -1) : server.seen;
  const finalCount = whole.filter(({ status }) => status >= 200).length;
  return {
    answers: whole.slice(0, isProbed ? -1 : undefined),
    rest,
    wasKept: isProbed && finalCount === methods.length + 1,
    seen: seen.map(({ request: _request, response: _response, ...kept }) => kept),
  };
}
