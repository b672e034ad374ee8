// WebSocket and other upgrades: after the handshake, bytes both ways. The rules that count events count the pieces that come back.
import { request, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ProxyRule } from "../fault.ts";
import { effectiveRule, type ForwardContext } from "./forward-request.ts";

/** Passes one upgrade on. */
export function forwardUpgrade(
  { host, port, held, random }: ForwardContext,
  rule: ProxyRule | undefined,
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
): void {
  const effective = effectiveRule(rule, false);
  client.on("error", () => client.destroy());
  if (effective === "well" || effective === "unwell") return;
  if (effective?.rule === "accept-no-answer" || effective?.rule === "no-progress") return held.add(client as Socket);
  if (effective?.rule === "status" && random() < effective.share)
    return void client.end(`HTTP/1.1 ${effective.status} Error\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  const { method, url: path, rawHeaders } = incoming;
  const outgoing = request({ host, port, method, path, headers: rawHeaders, agent: false, setHost: false });
  outgoing.on("error", () => client.destroy());
  client.once("close", () => outgoing.destroy());
  outgoing.on("response", (answer) => {
    client.write(headText(answer));
    answer.pipe(client);
  });
  outgoing.on("upgrade", (answer, upstream, upstreamHead) => {
    client.write(headText(answer));
    if (upstreamHead.byteLength > 0) client.write(upstreamHead);
    if (head.byteLength > 0) upstream.write(head);
    upstream.on("error", () => client.destroy());
    upstream.once("close", () => client.destroy());
    client.once("close", () => upstream.destroy());
    client.pipe(upstream);
    if (effective?.rule === "stall" || effective?.rule === "cut") breakAfter(upstream, client, effective);
    else upstream.pipe(client);
  });
  outgoing.end();
}

function breakAfter(
  upstream: Socket,
  client: Duplex,
  { rule, afterEvents }: { readonly rule: "stall" | "cut"; readonly afterEvents: number },
): void {
  let count = 0;
  upstream.on("data", (piece: Buffer) => {
    count += 1;
    if (count <= afterEvents) client.write(piece);
    if (count >= afterEvents && rule === "cut") client.end();
  });
}

function headText({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let text = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2)
    text += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`;
  return `${text}\r\n`;
}
