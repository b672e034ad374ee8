// The short way of a request. Node's HTTP server makes two streams for each request; for one that came whole in one read, which nearly
// every model call does, they cost more than everything else that happens to it. Parsing stays Node's own (llhttp, strict): what the
// parser found is taken where Node would begin to build its streams. A request that is longer, is upgraded, expects something, is sent
// in chunks, or comes behind one that Node still answers goes on to Node as if nothing had been here.
//
// Node gives no public name to the parser of a connection. What is used of it is checked once for each connection; where it is not as
// expected, every request goes Node's way.
import type { Socket } from "node:net";
import type { Parser, ParserCallbacks, HeadersTold, ServedSocket } from "./node-parser.ts";
import { ShortWayConnection, type ShortWayOptions } from "./short-way-connection.ts";

/** A connection that has the short way. */
export interface ShortWay {
  /** Since when nothing runs on it, as far as the short way knows; undefined while something does. */
  idleSince(): number | undefined;
}

/** Gives a connection that Node's server just took over the short way; undefined where it cannot have it. */
export function openShortWay(socket: Socket, options: ShortWayOptions): ShortWay | undefined {
  const served = socket as ServedSocket;
  const { parser } = served;
  if (!parser) return undefined;
  const { kOnHeadersComplete, kOnBody, kOnMessageComplete, kOnExecute } = parser.constructor;
  if (kOnHeadersComplete === undefined || kOnBody === undefined) return undefined;
  if (kOnMessageComplete === undefined || kOnExecute === undefined) return undefined;
  const onExecute = parser[kOnExecute];
  // Where the parser does not read from the system itself, nothing tells the end of a read.
  if (typeof onExecute !== "function" || parser._consumed !== true) return undefined;
  if (!Array.isArray(parser._headers) || typeof parser._url !== "string") return undefined;
  if (parser.nodesOwn === undefined) {
    const [headers, body, complete] = [parser[kOnHeadersComplete], parser[kOnBody], parser[kOnMessageComplete]];
    if (typeof headers !== "function" || typeof body !== "function" || typeof complete !== "function") return undefined;
    parser.nodesOwn = { headers, body, complete } as ParserCallbacks;
    parser[kOnHeadersComplete] = onHeadersComplete;
    parser[kOnBody] = onBody;
    parser[kOnMessageComplete] = onMessageComplete;
  }
  const connection = new ShortWayConnection(served, parser, options);
  parser.shortWay = connection;
  parser[kOnExecute] = (...told: unknown[]): void => {
    connection.onReadEnd();
    // Malformed bytes end the connection at once: what was answered before them leaves first.
    if (told[0] instanceof Error) connection.writeHeld();
    (onExecute as (...args: unknown[]) => void)(...told);
    // The connection was upgraded, and Node gives its parser to the next one while this one lives on.
    if (served.parser !== parser) leave();
  };
  const leave = (): void => {
    if (parser.shortWay === connection) parser.shortWay = undefined;
  };
  socket.once("close", () => {
    leave();
    connection.onClose();
  });
  socket.on("drain", () => connection.onDrain());
  return connection;
}

function onHeadersComplete(this: Parser, ...told: HeadersTold): number | undefined {
  const { shortWay } = this;
  return shortWay ? shortWay.onHeaders(told) : this.nodesOwn?.headers.apply(this, told);
}

function onBody(this: Parser, bytes: Buffer): void {
  if (!this.shortWay?.onBody(bytes)) this.nodesOwn?.body.call(this, bytes);
}

function onMessageComplete(this: Parser): void {
  if (!this.shortWay?.onComplete()) this.nodesOwn?.complete.call(this);
}
