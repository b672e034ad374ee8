// The response on its way to the client: head, pieces with back-pressure, end, or a broken connection. Pieces are passed on as they
// come, none is joined with another or split.
import type { ServerResponse } from "node:http";
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
  const { response } = exchange;
  const { list } = clientHeaders(head, exchange.id);
  if (exchange.context.isDraining) response.shouldKeepAlive = false;
  response.writeHead(head.status, head.statusText, list);
  queueMicrotask(() => {
    if (!response.writableEnded && !response.destroyed) response.flushHeaders();
  });
}

/** Passes an informational response on: 103 with its links, 102; others mean nothing to a client. */
export function writeInformation(exchange: Exchange, head: ResponseHead): void {
  const { response, request } = exchange;
  if (request.httpVersionMinor === 0 || response.headersSent) return;
  if (head.status === 102) response.writeProcessing();
  if (head.status !== 103) return;
  const links: string[] = [];
  for (let index = 0; index < head.headers.length; index += 2) {
    if ((head.headers[index] as string).toLowerCase() === "link") links.push(head.headers[index + 1] as string);
  }
  if (links.length > 0) response.writeEarlyHints({ link: links });
}

/** Writes one piece; a client that reads slowly stops the upstream until it has caught up. */
export function writePiece(response: ServerResponse, chunk: Buffer, flow: Flow): void {
  const isPausedAlready = response.writableNeedDrain;
  if (response.destroyed || response.write(chunk) || isPausedAlready) return;
  flow.pause();
  response.once("drain", () => flow.resume());
}

/** Breaks the client's connection off, so that a cut response never looks whole. */
export function breakOff(exchange: Exchange): void {
  exchange.wasBrokenOff = true;
  exchange.request.socket.destroy();
}
