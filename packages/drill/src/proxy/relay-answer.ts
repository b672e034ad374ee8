// The way back: an answer of the program to its client, as it is or as the rule in force makes it. Pieces go on as they come.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ProxyRule } from "../fault.ts";
import { spoilBody, spoilEvent, spoilOf } from "./spoil-content.ts";
import { createEventSplitter } from "./split-events.ts";

/** Of a body that must be held whole to be changed; the rest of a longer one is lost. */
const LONGEST_HELD_BODY = 8 * 1024 * 1024;
const MALFORMED_EVENT = 'data: {"choices":[{"delta":{"content":"\n\n';
const ERROR_BODY = '{"error":{"message":"internal error","type":"server_error","code":500}}';

/** One exchange with a client. */
export interface Exchange {
  readonly response: ServerResponse;
  /** Leaves it open in silence until the rule ends. */
  hold(): void;
  /** Ends its connection without an end of the answer, as the kernel does for a process that died. */
  cut(): void;
}

/** Sends the answer on under a rule. */
export function relayAnswer(answer: IncomingMessage, exchange: Exchange, rule: ProxyRule | undefined): void {
  const isStream = (answer.headers["content-type"] ?? "").startsWith("text/event-stream");
  const spoil = rule && spoilOf(rule);
  if (rule?.rule === "headers-then-silence") return beSilent(answer, exchange);
  if (rule?.rule === "ok-with-error") return answerError(answer, exchange, isStream);
  if (spoil && !isStream) return relayWhole(answer, exchange, (body) => spoilBody(body, spoil));
  if (spoil) return relayEvents(answer, exchange, (event) => spoilEvent(event.toString(), spoil));
  if (rule?.rule === "stall" || rule?.rule === "cut" || rule?.rule === "malformed")
    return isStream ? breakEvents(answer, exchange, rule) : breakBody(answer, exchange, rule.rule);
  sendHead(answer, exchange.response);
  return relayPieces(answer, exchange, (piece) => piece);
}

/** Status and headers at once: a client learns of a stream before its first event. */
function sendHead(answer: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, [...answer.rawHeaders]);
  response.flushHeaders();
}

/** `change` answers what to send of each piece; undefined ends the relaying. */
function relayPieces(
  answer: IncomingMessage,
  { response }: Exchange,
  change: (piece: Buffer) => Buffer | undefined,
  rest: () => Buffer = () => Buffer.alloc(0),
): void {
  let isOver = false;
  answer.on("data", (piece: Buffer) => {
    if (isOver) return;
    const changed = change(piece);
    if (changed === undefined) isOver = true;
    else if (changed.byteLength > 0 && !response.write(changed)) {
      answer.pause();
      response.once("drain", () => answer.resume());
    }
  });
  answer.once("end", () => {
    if (isOver) return;
    if (answer.rawTrailers.length > 0) response.addTrailers(pairsOf(answer.rawTrailers));
    response.end(rest());
  });
}

function relayEvents(answer: IncomingMessage, exchange: Exchange, spoil: (event: Buffer) => string): void {
  sendHead(answer, exchange.response);
  const changed: Buffer[] = [];
  const splitter = createEventSplitter((event) => changed.push(Buffer.from(spoil(event))));
  const change = (piece: Buffer): Buffer => {
    splitter.push(piece);
    return Buffer.concat(changed.splice(0));
  };
  relayPieces(answer, exchange, change, splitter.rest);
}

function breakEvents(
  answer: IncomingMessage,
  exchange: Exchange,
  { rule, afterEvents }: Extract<ProxyRule, { readonly afterEvents: number }>,
): void {
  sendHead(answer, exchange.response);
  const passed: Buffer[] = [];
  let count = 0;
  const splitter = createEventSplitter((event) => {
    if (count === afterEvents && rule === "malformed") passed.push(Buffer.from(MALFORMED_EVENT));
    if (count < afterEvents || rule === "malformed") passed.push(event);
    count += 1;
  });
  const end = rule === "cut" ? exchange.cut : exchange.hold;
  if (afterEvents === 0 && rule !== "malformed") return afterWriting(exchange.response, end);
  const change = (piece: Buffer): Buffer | undefined => {
    splitter.push(piece);
    const bytes = Buffer.concat(passed.splice(0));
    if (rule === "malformed" || count < afterEvents) return bytes;
    if (bytes.byteLength > 0) exchange.response.write(bytes);
    answer.resume();
    afterWriting(exchange.response, end);
    return undefined;
  };
  relayPieces(answer, exchange, change, splitter.rest);
}

/** Any other body has no events: it breaks in the middle of its first piece. */
function breakBody(answer: IncomingMessage, exchange: Exchange, rule: "stall" | "cut" | "malformed"): void {
  sendHead(answer, exchange.response);
  let isFirst = true;
  relayPieces(answer, exchange, (piece) => {
    if (!isFirst) return piece;
    isFirst = false;
    const middle = Math.floor(piece.byteLength / 2);
    // A control character is allowed nowhere in JSON, and the length stays.
    if (rule === "malformed") return Buffer.from(piece).fill(1, middle, middle + 1);
    exchange.response.write(piece.subarray(0, middle));
    afterWriting(exchange.response, rule === "cut" ? exchange.cut : exchange.hold);
    return undefined;
  });
}

/** What was written must have left before the end of the connection throws it away. */
function afterWriting(response: ServerResponse, then: () => void): void {
  response.write("", () => void setImmediate(then));
}

function beSilent(answer: IncomingMessage, { response, hold }: Exchange): void {
  sendHead(answer, response);
  answer.resume();
  hold();
}

function answerError(answer: IncomingMessage, { response }: Exchange, isStream: boolean): void {
  answer.resume();
  const body = isStream ? `data: ${ERROR_BODY}\n\ndata: [DONE]\n\n` : ERROR_BODY;
  const type = isStream ? "text/event-stream" : "application/json";
  response.writeHead(200, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}

function relayWhole(answer: IncomingMessage, exchange: Exchange, change: (body: string) => string): void {
  const pieces: Buffer[] = [];
  let length = 0;
  answer.on("data", (piece: Buffer) => {
    length += piece.byteLength;
    if (length <= LONGEST_HELD_BODY) pieces.push(piece);
  });
  answer.once("end", () => {
    const body = change(Buffer.concat(pieces).toString());
    const headers = answer.rawHeaders.slice();
    for (let index = headers.length - 2; index >= 0; index -= 2)
      if (/^(content-length|transfer-encoding)$/i.test(headers[index]!)) headers.splice(index, 2);
    exchange.response.sendDate = false;
    exchange.response
      .writeHead(answer.statusCode ?? 502, answer.statusMessage, [
        ...headers,
        "content-length",
        String(Buffer.byteLength(body)),
      ])
      .end(body);
  });
}

function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, raw[index + 1] ?? ""]] : []));
}
