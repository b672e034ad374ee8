// One request of the HTTP/1.1 client, from `send` to its end. It is the handle that the caller holds, so it outlives its connection's
// interest in it: a call that is done answers nothing and touches nothing.
import type { BodySender } from "./body-sender.ts";
import type { Http1Connection } from "./http1-connection.ts";
import type { UpstreamCall, UpstreamHandler, UpstreamRequest } from "./upstream.ts";
import { isWhole } from "../body/whole-body.ts";

/** A running call. */
export class Http1Call implements UpstreamCall {
  readonly request: UpstreamRequest;
  readonly handler: UpstreamHandler;
  /** The encoded head; empty once it was written, for a call may wait for its answer for long. */
  head: string;
  connection: Http1Connection | null = null;
  sender: BodySender | null = null;
  wasSent = false;
  /** All of the request was given to the socket. */
  isWritten = false;
  /** A connection was opened for it. */
  isDialled = false;
  isDone = false;
  isPaused = false;

  constructor(request: UpstreamRequest, handler: UpstreamHandler, head: string) {
    this.request = request;
    this.handler = handler;
    this.head = head;
  }

  pause(): void {
    if (this.isDone || this.isPaused) return;
    this.isPaused = true;
    this.connection?.pauseReading();
  }

  resume(): void {
    if (this.isDone || !this.isPaused) return;
    this.isPaused = false;
    this.connection?.resumeReading();
  }

  cancel(): void {
    if (this.isDone) return;
    const { connection } = this;
    this.close();
    connection?.destroy();
  }

  /** The end, whatever it is: nothing is called back any more but what the caller of this says next. */
  close(): void {
    this.isDone = true;
    this.connection = null;
    const { body } = this.request;
    if (this.sender !== null) this.sender.stop();
    else if (body !== null && !isWhole(body)) body.destroy();
  }

  /** Ends it with a failure. */
  fail(code: string, message: string): void {
    if (this.isDone) return;
    this.close();
    this.handler.onFailure({ code, message, wasSent: this.wasSent, isUnsendable: false });
  }
}
