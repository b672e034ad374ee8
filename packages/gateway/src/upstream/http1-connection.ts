// One keep-alive connection: it sends one request at a time, reads its response and is then idle or gone. The listeners on its socket are
// installed once, so a request on a standing connection costs no listener, no timer and no closure.
import type { Socket } from "node:net";
import type { BatchMember, TurnBatch } from "../stream/turn-batch.ts";
import { startBody } from "./body-sender.ts";
import type { DialHandler } from "./dial.ts";
import { announcedLength } from "./encode-request-head.ts";
import type { Http1Call } from "./http1-call.ts";
import { RESPONSE_FAULTS } from "./response-fault.ts";
import { ResponseParser, type AskedKind, type ResponseSink } from "./response-parser.ts";
import type { ResponseHead, UpstreamRequest } from "./upstream.ts";
import { isWhole, joinBody, wholeLength, type WholeBody } from "../body/whole-body.ts";

/** Up to this size head and body are joined for one write; a larger body goes beside its head in one vectored write, uncopied. */
const JOINED_BODY_BYTES = 16 * 1024;

/** Who keeps the connections. */
export interface ConnectionOwner {
  /** The connection can take another request. `idleTimeoutMs` is what the server said; −1 for nothing. */
  onIdle(connection: Http1Connection, idleTimeoutMs: number): void;
  /** The connection died before a byte of this call left: it goes on another. */
  onUnsent(call: Http1Call): void;
  /** It is closing or was handed over; called once. */
  onGone(connection: Http1Connection): void;
  /** +1 when it stands, −1 when its socket has closed. */
  onOpenConnections(change: number): void;
}

/** A connection, from the moment it is dialled for its first call. */
export class Http1Connection implements DialHandler, ResponseSink, BatchMember {
  /** When an idle one is closed; kept by the owner. Monotonic milliseconds. */
  idleUntil = 0;
  /** Ends the dialling; the owner sets it. */
  cancelDial: (() => void) | null = null;
  readonly #owner: ConnectionOwner;
  readonly #parser: ResponseParser;
  #socket: Socket | null = null;
  #call: Http1Call | null;
  #isGone = false;
  /** What is read stands in a buffer that the next read overwrites. */
  #isReadShared = false;
  #isReadingPaused = false;
  /** The call's request leaves at the end of the turn. */
  #isHeld = false;

  constructor(owner: ConnectionOwner, firstCall: Http1Call) {
    this.#owner = owner;
    this.#call = firstCall;
    this.#parser = new ResponseParser(this);
    firstCall.connection = this;
  }

  onDialFailed(code: string, message: string): void {
    const call = this.#call;
    this.#call = null;
    this.destroy();
    call?.fail(code, message);
  }

  onConnected(socket: Socket, isReadShared: boolean): void {
    this.cancelDial = null;
    this.#socket = socket;
    this.#isReadShared = isReadShared;
    this.#owner.onOpenConnections(1);
    socket.once("close", () => this.#owner.onOpenConnections(-1));
    socket.on("error", (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.name, error.message));
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#fail("FB_UPSTREAM_CLOSED", "the connection was closed"));
    socket.on("drain", () => this.#call?.sender?.onDrain());
    if (!isReadShared) socket.on("data", (chunk: Buffer) => this.onBytes(chunk, chunk.length));
    const call = this.#call;
    this.#call = null;
    if (call === null || this.begin(call, undefined)) return;
    const reason: NodeJS.ErrnoException | null = socket.errored;
    call.fail(reason?.code ?? "FB_UPSTREAM_CLOSED", reason?.message ?? "the connection was closed at once");
  }

  /**
   * Sends a request on the standing, idle connection, with a batch at the end of the turn. false: the connection was dead and no byte left; it
   * is gone now.
   */
  begin(call: Http1Call, batch: TurnBatch | undefined): boolean {
    const socket = this.#socket;
    if (socket === null || !socket.writable) {
      this.destroy();
      return false;
    }
    this.#call = call;
    call.connection = this;
    this.#parser.reset(askedKind(call.request));
    if (batch === undefined) return this.#write(socket, call);
    this.#isHeld = true;
    batch.add(this);
    return true;
  }

  writeHeld(): void {
    const [socket, call] = [this.#socket, this.#call];
    if (!this.#isHeld || socket === null || call === null) return;
    this.#isHeld = false;
    if (!socket.writable) this.#giveBack(call);
    else if (!this.#write(socket, call)) this.#owner.onUnsent(call);
  }

  #write(socket: Socket, call: Http1Call): boolean {
    const { request } = call;
    const { body } = request;
    const isStreamed = body !== null && !isWhole(body);
    writeRequest(socket, call.head, isStreamed ? null : body);
    // An error that is there when the very first write returns means that the system took no byte. Under TLS that is not so sure.
    if (socket.errored !== null && this.#isReadShared) {
      this.#call = null;
      call.connection = null;
      this.destroy();
      return false;
    }
    call.head = "";
    call.wasSent = true;
    call.isWritten = !isStreamed;
    if (call.isPaused) this.pauseReading();
    call.handler.onSent(call.isDialled);
    if (isStreamed && !call.isDone) {
      call.sender = startBody(body, socket, announcedLength(request.headers), {
        onBodySent: () => void (call.isWritten = true),
        onBodyFault: (code, message) => this.#fail(code, message),
      });
    }
    return true;
  }

  pauseReading(): void {
    if (this.#socket === null || this.#isReadingPaused) return;
    this.#isReadingPaused = true;
    this.#socket.pause();
  }

  resumeReading(): void {
    if (this.#socket === null || !this.#isReadingPaused) return;
    this.#isReadingPaused = false;
    this.#socket.resume();
  }

  /** Closes it at once. Its call, if it has one, is told nothing. Idempotent. */
  destroy(): void {
    this.#call = null;
    this.#isHeld = false;
    this.#parser.stop();
    if (this.#isGone) return;
    this.#isGone = true;
    this.cancelDial?.();
    this.cancelDial = null;
    this.#socket?.destroy();
    this.#owner.onGone(this);
  }

  /** Bytes came in: the first `length` of `bytes`. */
  onBytes(bytes: Buffer, length: number): void {
    const call = this.#call;
    if (call === null || this.#isHeld) {
      // Nobody asked for anything, so these bytes would be taken for the answer to the next request.
      if (call === null) this.destroy();
      else this.#giveBack(call);
      return;
    }
    const parser = this.#parser;
    const end = parser.execute(bytes, 0, length);
    if (this.#call !== call) return;
    if (parser.fault !== undefined) this.#fail(parser.fault, RESPONSE_FAULTS[parser.fault]);
    else if (parser.isComplete) this.#complete(call, end === length && parser.keepsAlive);
    else if (parser.switched !== undefined) this.#handOver(call, parser.switched, bytes.subarray(end, length));
  }

  onInformation(head: ResponseHead): void {
    this.#call?.handler.onInformation(head);
  }

  onHead(head: ResponseHead): void {
    this.#call?.handler.onHead(head);
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    const call = this.#call;
    if (call === null) return;
    if (!this.#isReadShared) {
      call.handler.onData(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
      return;
    }
    const own = Buffer.allocUnsafe(end - start);
    bytes.copy(own, 0, start, end);
    call.handler.onData(own);
  }

  #onEnd(): void {
    const call = this.#call;
    if (call === null) this.destroy();
    else if (this.#isHeld) this.#giveBack(call);
    else if (this.#parser.finish()) this.#complete(call, false);
    else this.#fail("FB_UPSTREAM_CLOSED", "the upstream closed the connection before its response was whole");
  }

  #complete(call: Http1Call, canServeAnother: boolean): void {
    const socket = this.#socket as Socket;
    const isIdle = canServeAnother && call.isWritten && socket.writableLength === 0;
    this.#call = null;
    call.close();
    // Before the caller is told: what it sends next may go on this connection.
    if (isIdle) {
      call.handler.onBodyTaken?.();
      this.resumeReading();
      this.#owner.onIdle(this, this.#parser.idleTimeoutMs);
    } else this.destroy();
    call.handler.onEnd();
  }

  #fail(code: string, message: string): void {
    const call = this.#call;
    if (call !== null && this.#isHeld) {
      this.#giveBack(call);
      return;
    }
    this.destroy();
    call?.fail(code, message);
  }

  /** No byte of it left. */
  #giveBack(call: Http1Call): void {
    call.connection = null;
    this.destroy();
    this.#owner.onUnsent(call);
  }

  #handOver(call: Http1Call, head: ResponseHead, rest: Buffer): void {
    const socket = this.#socket as Socket;
    this.#socket = null;
    for (const event of ["data", "end", "drain", "error"]) socket.removeAllListeners(event);
    socket.on("error", () => undefined);
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    this.destroy();
    call.close();
    call.handler.onUpgraded(head, socket);
  }
}

function askedKind(request: UpstreamRequest): AskedKind {
  if (request.upgrade !== undefined) return "upgrade";
  return request.method === "HEAD" ? "head" : "ordinary";
}

function writeRequest(socket: Socket, head: string, body: WholeBody | null): void {
  const length = body === null ? 0 : wholeLength(body);
  if (body === null || length === 0) {
    socket.write(head, "latin1");
    return;
  }
  if (length <= JOINED_BODY_BYTES) {
    // Each byte is one character and back: the system gets one string, and no buffer is made for it.
    socket.write(head + joinBody(body).toString("latin1"), "latin1");
    return;
  }
  socket.cork();
  socket.write(head, "latin1");
  for (const piece of Buffer.isBuffer(body) ? [body] : body) socket.write(piece);
  socket.uncork();
}
