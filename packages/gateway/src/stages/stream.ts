// The response on its way to the client: head, pieces with back-pressure, end, or a broken connection. Pieces are passed on as they
// come, none is joined with another or split.
import type { ClientResponse } from "../listen/client-request.ts";
import { Http2Response } from "../listen/http2-response.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import { clientHeaders } from "./response-headers.ts";
import type { Exchange } from "./exchange.ts";

/** Where back-pressure goes. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** Writes the status line and headers; they leave with the first piece, or at the end of this turn when none comes with them. */
export function writeResponseHead(exchange: Exchange, head: ResponseHead): void {
  storeHead(exchange, head);
  process.nextTick(flushHead, exchange.response);
}

function storeHead(exchange: Exchange, head: ResponseHead): void {
  const { response } = exchange;
  const { list } = clientHeaders(head, exchange);
  if (exchange.context.isDraining) response.shouldKeepAlive = false;
  response.writeHead(head.status, head.statusText, list);
}

function flushHead(response: ClientResponse): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}

/** Passes an informational response on: 103 with its links, 102; others mean nothing to a client. */
export function writeInformation(exchange: Exchange, head: ResponseHead): void {
  const { response, request } = exchange;
  if ((request.httpVersionMajor === 1 && request.httpVersionMinor === 0) || response.headersSent) return;
  if (head.status === 102) response.writeProcessing();
  if (head.status !== 103) return;
  const links: string[] = [];
  for (let index = 0; index < head.headers.length; index += 2) {
    if ((head.headers[index] as string).toLowerCase() === "link") links.push(head.headers[index + 1] as string);
  }
  if (links.length > 0) response.writeEarlyHints({ link: links });
}

/** Writes one piece; a client that reads slowly stops the upstream until it has caught up. */
export function writePiece(response: ClientResponse, chunk: Buffer, flow: Flow): void {
  const isPausedAlready = response.writableNeedDrain;
  if (response.destroyed || response.write(chunk) || isPausedAlready) return;
  flow.pause();
  response.once("drain", () => flow.resume());
}

/**
 * Writes one response. The first piece that comes with the head waits for the end of this turn: when the response ends before that, head,
 * body and end leave as one write, which spares a fifth of what answering costs.
 */
export class ResponseWriter {
  readonly #exchange: Exchange;
  #held: Buffer | undefined;
  #flow: Flow | undefined;
  /** Still in the turn that brought the head. */
  #isFirstTurn = false;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  head(head: ResponseHead): void {
    storeHead(this.#exchange, head);
    this.#isFirstTurn = true;
    process.nextTick(endFirstTurn, this);
  }

  piece(chunk: Buffer, flow: Flow): void {
    if (this.#isFirstTurn && this.#held === undefined) {
      this.#held = chunk;
      this.#flow = flow;
      return;
    }
    this.#release();
    writePiece(this.#exchange.response, chunk, flow);
  }

  end(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#isFirstTurn = false;
    if (held === undefined) this.#exchange.response.end();
    else this.#exchange.response.end(held);
  }

  /** What waited goes out. */
  endFirstTurn(): void {
    if (!this.#isFirstTurn) return;
    this.#isFirstTurn = false;
    if (this.#held === undefined) flushHead(this.#exchange.response);
    else this.#release();
  }

  #release(): void {
    const [held, flow] = [this.#held, this.#flow];
    this.#held = undefined;
    this.#flow = undefined;
    if (held !== undefined && flow !== undefined) writePiece(this.#exchange.response, held, flow);
  }
}

function endFirstTurn(writer: ResponseWriter): void {
  writer.endFirstTurn();
}

/** Breaks the client's connection off, or its stream of one, so that a cut response never looks whole. */
export function breakOff(exchange: Exchange): void {
  exchange.wasBrokenOff = true;
  const response: unknown = exchange.response;
  if (response instanceof Http2Response) response.breakOff();
  else exchange.request.socket.destroy();
}
