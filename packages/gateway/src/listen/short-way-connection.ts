// One connection that has the short way: what its parser tells becomes short requests, one after the other, or goes on to Node. At any time
// one response at most runs here, and then everything behind it waits here too, so that answers keep the order of their requests.
import { collectHeaders } from "./collect-headers.ts";
import type { ClientRequest, ClientResponse } from "./client-request.ts";
import type { BatchMember, TurnBatch } from "../stream/turn-batch.ts";
import type { HeadersTold, Parser, ParserCallbacks, ParserReader, ServedSocket } from "./node-parser.ts";
import { ShortRequest } from "./short-request.ts";
import { ShortResponse, type ShortConnection } from "./short-response.ts";

/** By the parser's numbers; others go Node's way. */
const METHODS: readonly (string | undefined)[] = ["DELETE", "GET", undefined, "POST", "PUT"];
const NO_BODY = Buffer.alloc(0);
const NO_CHUNKS: readonly Buffer[] = [];

/** What the short way needs of its listener. */
export interface ShortWayOptions {
  onRequest(request: ClientRequest, response: ClientResponse): void;
  readonly keepAliveLines: string;
  /** The value of the date header now. */
  date(): string;
  /** Monotonic milliseconds. */
  now(): number;
  readonly batch: TurnBatch;
}

/** A request as far as it was received. */
interface Message {
  readonly told: HeadersTold;
  chunks: readonly Buffer[];
  trailers: string[] | undefined;
  isComplete: boolean;
}

/** Made once per connection. */
export class ShortWayConnection implements ParserReader, ShortConnection, BatchMember {
  readonly socket: ServedSocket;
  readonly keepAliveLines: string;
  readonly onWritten: (error?: Error | null) => void;
  readonly #parser: Parser;
  readonly #options: ShortWayOptions;
  /** The request that is being received here; undefined while Node receives one. */
  #receiving: Message | undefined;
  /** The response that runs. */
  #active: ShortResponse | undefined;
  /**
   * Requests that came behind it. Bounded by one read: the connection is not read while there are some, and so a client that leaves in
   * this time is noticed when the answer that runs is written.
   */
  #waiting: Message[] = [];
  /** The last answer said that the connection ends: no request behind it is served (RFC 9112 §9.6). */
  #isOver = false;
  #idleSince: number | undefined;
  #isHeld = false;

  constructor(socket: ServedSocket, parser: Parser, options: ShortWayOptions) {
    this.socket = socket;
    this.keepAliveLines = options.keepAliveLines;
    this.#parser = parser;
    this.#options = options;
    this.onWritten = (error) => {
      // Of a connection that was destroyed the system tells nothing true; its end comes with the event `close`.
      if (!error && !this.socket.destroyed) this.#onWritten();
    };
  }

  date(): string {
    return this.#options.date();
  }

  holdWrites(): void {
    if (this.#isHeld || this.socket.destroyed) return;
    this.#isHeld = true;
    this.socket.cork();
    this.#options.batch.add(this);
  }

  writeHeld(): void {
    this.#isHeld = false;
    this.socket.uncork();
  }

  /** Since when nothing runs here, as far as the short way knows; undefined while something does. */
  idleSince(): number | undefined {
    return this.#idleSince;
  }

  onHeaders(told: HeadersTold): number | undefined {
    if (told[2] === undefined) this.#takeParts(told);
    const isBehind = this.#active !== undefined;
    const isUpgrade = told[7];
    if (isUpgrade && this.socket._httpMessage) {
      // Whose answer the next bytes are could not be told any more.
      this.socket.destroy();
      return 0;
    }
    if (!isBehind && !this.#isOver && (isUpgrade || this.socket._httpMessage || !isShort(told))) {
      this.#idleSince = undefined;
      return this.#nodesOwn().headers.apply(this.#parser, told);
    }
    this.#receiving = { told, chunks: NO_CHUNKS, trailers: undefined, isComplete: false };
    if (isBehind) {
      this.#waiting.push(this.#receiving);
      this.socket._handle?.readStop();
    }
    return 0;
  }

  /** false: it is not received here. */
  onBody(bytes: Buffer): boolean {
    if (this.#receiving === undefined) return false;
    if (!this.#isOver) this.#receiving.chunks = [...this.#receiving.chunks, bytes];
    return true;
  }

  onComplete(): boolean {
    const message = this.#receiving;
    if (message === undefined) return false;
    message.isComplete = true;
    this.#receiving = undefined;
    if (this.#parser._headers.length > 0) {
      message.trailers = this.#parser._headers;
      this.#parser._headers = [];
      this.#parser._url = "";
    }
    if (this.#active === undefined && !this.#isOver) this.#serve(message);
    return true;
  }

  /** What the system had for us is parsed: what is not whole by now is Node's. */
  onReadEnd(): void {
    const message = this.#receiving;
    // A part of a head: its connection is not idle.
    if (this.#idleSince !== undefined) this.#idleSince = this.#options.now();
    if (message === undefined || this.#active !== undefined || this.#isOver) return;
    this.#passOn(message);
  }

  onDrain(): void {
    this.#active?.onDrain();
  }

  onClose(): void {
    this.#waiting = [];
    this.#receiving = undefined;
    this.#active?.close(false);
    this.#active = undefined;
  }

  #serve({ told, chunks }: Message): void {
    const { socket } = this;
    // Node counts a time from the end of a response of its own.
    if ((socket.timeout ?? 0) > 0) socket.setTimeout(0);
    const rawHeaders = told[2] as string[];
    const request = new ShortRequest({
      method: METHODS[told[3]] as string,
      url: told[4] ?? "",
      headers: collectHeaders(rawHeaders),
      rawHeaders,
      wholeBody: chunks.length === 0 ? NO_BODY : chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
      socket,
    });
    const response = new ShortResponse(request, this);
    this.#idleSince = undefined;
    this.#active = response;
    socket._httpMessage = response;
    this.#options.onRequest(request, response);
  }

  #onWritten(): void {
    const response = this.#active;
    if (response === undefined || !response.writableEnded) return;
    const { socket } = this;
    this.#active = undefined;
    socket._httpMessage = null;
    this.#idleSince = this.#options.now();
    if (!response.shouldKeepAlive) {
      this.#isOver = true;
      this.#waiting = [];
      socket.destroySoon();
    }
    response.close(true);
    if (this.#waiting.length > 0) this.#serveWaiting();
  }

  /** The next one in their order. Once one of them is Node's, those behind it are too: Node keeps the order of its own. */
  #serveWaiting(): void {
    const next = this.#waiting.shift() as Message;
    if (next.isComplete && isShort(next.told)) this.#serve(next);
    else {
      for (const message of [next, ...this.#waiting]) this.#passOn(message);
      this.#waiting = [];
    }
    // Unless Node holds a body back.
    const { _handle: handle } = this.socket;
    if (this.#waiting.length === 0 && handle && handle.reading !== false) handle.readStart();
  }

  /** Tells Node what the parser told us. */
  #passOn(message: Message): void {
    if (this.#receiving === message) this.#receiving = undefined;
    this.#idleSince = undefined;
    const own = this.#nodesOwn();
    own.headers.apply(this.#parser, message.told);
    for (const bytes of message.chunks) own.body.call(this.#parser, bytes);
    if (!message.isComplete) return;
    // Node takes for trailers what the parser told in parts, which may be of the head of a later request by now.
    const { _headers: headers, _url: url } = this.#parser;
    this.#parser._headers = message.trailers ?? [];
    own.complete.call(this.#parser);
    this.#parser._headers = headers;
    this.#parser._url = url;
  }

  /** What the parser told of a head in parts belongs to this request, and not to the next one that it tells of in parts. */
  #takeParts(told: HeadersTold): void {
    told[2] = this.#parser._headers;
    told[4] ??= this.#parser._url;
    this.#parser._headers = [];
    this.#parser._url = "";
  }

  #nodesOwn(): ParserCallbacks {
    return this.#parser.nodesOwn as ParserCallbacks;
  }
}

/** Whether a request may go the short way, if it came whole. */
function isShort([major, minor, headers, method, , , , , isKept]: HeadersTold): boolean {
  if (headers === undefined || major !== 1 || minor !== 1 || !isKept || METHODS[method] === undefined) return false;
  let hasHost = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    switch (name.length) {
      case 4:
        hasHost ||= name.toLowerCase() === "host";
        break;
      case 6:
        if (name.toLowerCase() === "expect") return false;
        break;
      case 17:
        if (name.toLowerCase() === "transfer-encoding") return false;
        break;
      default:
    }
  }
  return hasHost;
}
