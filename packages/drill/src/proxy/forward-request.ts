// One request from its client to the program and its answer back, under the rule that is in force when it comes. Each connection of a
// client has one of its own to the program: what the program does to its connection the client sees.
import { request, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "@flyball/core";
import type { ProxyRule } from "../fault.ts";
import type { ConnectionAgents } from "./connection-agents.ts";
import type { HeldConnections } from "./held-connections.ts";
import { relayAnswer, type Exchange } from "./relay-answer.ts";
import { relayCounters } from "./relay-counters.ts";
import { resetConnection } from "./reset-connection.ts";

/** What requests share. */
export interface ForwardContext {
  /** Of the program. */
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly held: HeldConnections;
  readonly agents: ConnectionAgents;
  isHealth(path: string): boolean;
  /** Ends the program as the kernel does when the memory is used up. */
  kill(): void;
  /** Requests under the rule in force, this one included. */
  countRequest(): number;
}

const COUNTERS_PATH = "/metrics";

/** Answers one request. */
export function forwardRequest(
  context: ForwardContext,
  rule: ProxyRule | undefined,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const { held, clock } = context;
  const socket = incoming.socket;
  const exchange: Exchange = {
    response,
    hold: () => held.add(socket),
    cut: () => void socket.destroy(),
  };
  const isHealth = context.isHealth(pathOf(incoming));
  const effective = effectiveRule(rule, isHealth);
  if (effective === "well") return answerShortly(incoming, response, 200, '{"status":"ok"}');
  if (effective === "unwell") return answerShortly(incoming, response, 503, '{"status":"unhealthy"}');
  if (effective?.rule === "no-progress" && incoming.method !== "GET") {
    incoming.resume();
    return exchange.hold();
  }
  if (effective?.rule === "accept-no-answer" || effective?.rule === "refuse") {
    incoming.resume();
    return exchange.hold();
  }
  if (effective?.rule === "status" && context.random() < effective.share)
    return answerStatus(incoming, response, effective);
  if (effective?.rule === "killed-at-request" && !isHealth && context.countRequest() >= effective.request)
    return context.kill();
  const startedAt = clock.monotonic();
  sendOn(context, { incoming, response, isPlain: effective === undefined }, (answer) => {
    answer.once("error", exchange.cut);
    const go = (): void => {
      if (effective?.rule === "no-progress" && pathOf(incoming) === COUNTERS_PATH)
        relayCounters(answer, exchange, held.count);
      else relayAnswer(answer, exchange, effective);
    };
    if (effective?.rule !== "slow") return go();
    const tookMs = clock.monotonic() - startedAt;
    clock.after(Math.max(effective.leastMs, tookMs * (effective.factor - 1)), go);
  });
}

/** What holds for this request: health is asked for apart. */
export function effectiveRule(
  rule: ProxyRule | undefined,
  isHealth: boolean,
): Exclude<ProxyRule, { readonly rule: "health-lies" | "health-fails" }> | "well" | "unwell" | undefined {
  if (rule?.rule === "health-lies") return isHealth ? "well" : effectiveRule(rule.inner, isHealth);
  if (rule?.rule === "health-fails") return isHealth ? "unwell" : undefined;
  return rule;
}

/** Whether it is part of the load: neither a health check nor a reading of counters. */
export function isLoad({ isHealth }: Pick<ForwardContext, "isHealth">, incoming: IncomingMessage): boolean {
  const path = pathOf(incoming);
  return !isHealth(path) && path !== COUNTERS_PATH;
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** The answer is not looked into. */
  readonly isPlain: boolean;
}

function sendOn(
  { host, port, agents }: ForwardContext,
  { incoming, response, isPlain }: Passage,
  onAnswer: (answer: IncomingMessage) => void,
): void {
  const { socket } = incoming;
  const outgoing: ClientRequest = request({
    host,
    port,
    method: incoming.method,
    path: incoming.url,
    headers: isPlain ? incoming.rawHeaders : withoutCompression(incoming.rawHeaders),
    agent: agents.of(socket),
    setHost: false,
  });
  outgoing.setNoDelay(true);
  outgoing.on("continue", () => response.writeContinue());
  outgoing.on("response", onAnswer);
  outgoing.on("error", () => resetConnection(socket));
  response.once("close", () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  incoming.pipe(outgoing);
}

function answerStatus(
  incoming: IncomingMessage,
  response: ServerResponse,
  { status, retryAfterSeconds }: Extract<ProxyRule, { readonly rule: "status" }>,
): void {
  const type =
    status === 429
      ? "rate_limit_error"
      : status === 402
        ? "insufficient_quota"
        : status < 500
          ? "error"
          : "server_error";
  if (retryAfterSeconds !== undefined) response.setHeader("retry-after", String(retryAfterSeconds));
  answerShortly(
    incoming,
    response,
    status,
    JSON.stringify({ error: { message: `status ${status}`, type, code: type } }),
  );
}

function answerShortly(incoming: IncomingMessage, response: ServerResponse, status: number, body: string): void {
  incoming.resume();
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    .end(body);
}

/** Compressed answers could not be looked into. */
function withoutCompression(raw: readonly string[]): string[] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() !== "accept-encoding" ? [name, raw[index + 1] ?? ""] : [],
  );
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0]!;
}
