// Calls to another service of the app, over kept connections. Every expected outcome is a value, because the caller
// decides what a failure means; nothing is repeated here, the gateway in between does that where it is safe.
import { Agent, request as sendRequest } from "node:http";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { readEvents } from "./event-stream.ts";
import type { StreamEvent } from "./event-stream.ts";

/** Bounds: connections to one service (more wait in the agent until one is free or time is up) and one JSON answer. */
const maximumConnections = 256;
const maximumAnswerBytes = 4 * 1024 * 1024;

/** What became of a call. */
export type UpstreamResult =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: unknown;
    }
  | { readonly kind: "streaming"; readonly events: AsyncGenerator<StreamEvent> }
  | { readonly kind: "timed-out" }
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "abandoned" };

interface UpstreamCall {
  readonly method: "GET" | "POST";
  /** Path with its query, from the base address on. */
  readonly path: string;
  readonly body?: unknown;
  /** Asks for server-sent events. An answer of another type still comes back as "answered". */
  readonly stream?: boolean;
  /** Aborts the call; its outcome is then "abandoned". */
  readonly signal?: AbortSignal;
}

/** One service to call. */
export interface Upstream {
  call(call: UpstreamCall): Promise<UpstreamResult>;
  /** Closes kept connections; idempotent. */
  dispose(): void;
}

/** `timeoutMs` bounds a whole answer; of a stream, the wait for its head and each gap after it. */
export function createUpstream({ baseUrl, timeoutMs }: { baseUrl: string; timeoutMs: number }): Upstream {
  const agent = new Agent({ keepAlive: true, maxSockets: maximumConnections, maxFreeSockets: 64 });
  return {
    call: (call) => sendCall({ call, baseUrl, timeoutMs, agent }),
    dispose: () => agent.destroy(),
  };
}

interface SendOptions {
  readonly call: UpstreamCall;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly agent: Agent;
}

async function sendCall({ call, baseUrl, timeoutMs, agent }: SendOptions): Promise<UpstreamResult> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const signal = call.signal === undefined ? deadline.signal : AbortSignal.any([call.signal, deadline.signal]);
  let isStreaming = false;
  try {
    const outgoing = openRequest(call, baseUrl, agent, signal);
    const incoming = await responseOf(outgoing);
    if ((incoming.headers["content-type"] ?? "").startsWith("text/event-stream")) {
      isStreaming = true;
      return { kind: "streaming", events: guardedEvents(incoming, timer) };
    }
    const body = parseBody(await readAnswer(incoming));
    return { kind: "answered", status: incoming.statusCode ?? 0, headers: incoming.headers, body };
  } catch (error) {
    if (call.signal?.aborted === true) return { kind: "abandoned" };
    if (deadline.signal.aborted) return { kind: "timed-out" };
    return { kind: "broken", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    if (!isStreaming) clearTimeout(timer);
  }
}

function openRequest(call: UpstreamCall, baseUrl: string, agent: Agent, signal: AbortSignal): ClientRequest {
  const bytes = call.body === undefined ? null : Buffer.from(JSON.stringify(call.body));
  const outgoing = sendRequest(`${baseUrl}${call.path}`, {
    method: call.method,
    agent,
    signal,
    headers: {
      accept: call.stream === true ? "text/event-stream" : "application/json",
      ...(bytes === null ? {} : { "content-type": "application/json", "content-length": bytes.length }),
    },
  });
  outgoing.end(bytes ?? undefined);
  return outgoing;
}

function responseOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.on("error", reject);
  });
}

async function readAnswer(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumAnswerBytes) throw new Error("The answer is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

async function* guardedEvents(incoming: IncomingMessage, timer: NodeJS.Timeout): AsyncGenerator<StreamEvent> {
  try {
    for await (const event of readEvents(incoming as AsyncIterable<Buffer>)) {
      timer.refresh();
      yield event;
    }
  } finally {
    clearTimeout(timer);
    incoming.destroy();
  }
}
