// One call of the control API: adds the token, turns a failed connection and an error answer into FlyballError.
import { FlyballError } from "@flyball/core";
import { type HttpRequest, type HttpStream, openStream, requestJson } from "@flyball/wire";
import { parseApiError } from "./api-error.ts";

/** Where the control API is and how to be let in. */
export interface ControlAddress {
  /** `http://127.0.0.1:7070` */
  readonly url: string;
  /** Absent: only `/v1/health` is answered. */
  readonly token?: string;
  /** Who asks; stands in the audit trail. */
  readonly actor?: string;
  /** What was typed to ask it; stands there too. */
  readonly command?: string;
}

/** One call. */
export interface ControlCall {
  readonly method: "GET" | "POST";
  /** With its query: `/v1/logs?tail=10`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For JSON until the last byte, for a stream until its head. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends the call and resolves with the answer's JSON; an empty answer is `undefined`. Rejects with FB_CONTROL_UNREACHABLE when nobody
 * answers, with the API's own error, or with the signal's reason.
 */
export async function callJson(address: ControlAddress, call: ControlCall): Promise<unknown> {
  const { body } = call;
  const answer = await reach(address, call, () =>
    requestJson({ ...requestOf(address, call), ...(body === undefined ? {} : { body }) }),
  );
  if (answer.status >= 300) throw parseApiError(answer.status, answer.text);
  return answer.body;
}

/** Opens a stream; rejects as `callJson` does. */
export async function openControlStream(address: ControlAddress, call: ControlCall): Promise<HttpStream> {
  const stream = await reach(address, call, () => openStream(requestOf(address, call)));
  if (stream.status < 300) return stream;
  let text = "";
  for await (const chunk of stream.body.setEncoding("utf8") as AsyncIterable<string>) {
    text += chunk;
    if (text.length > 65_536) break;
  }
  stream.close();
  throw parseApiError(stream.status, text);
}

/** FB_CONTROL_UNREACHABLE with what the system said. */
export function unreachable(url: string, cause: unknown): FlyballError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FlyballError("FB_CONTROL_UNREACHABLE", { url, reason }, cause);
}

async function reach<T>(address: ControlAddress, call: ControlCall, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (call.signal?.aborted === true) throw call.signal.reason as Error;
    throw unreachable(address.url, error);
  }
}

function requestOf(address: ControlAddress, call: ControlCall): Omit<HttpRequest, "body"> {
  const url = new URL(address.url);
  const authorization = address.token === undefined ? {} : { authorization: `Bearer ${address.token}` };
  const actor = address.actor === undefined ? {} : { "x-flyball-actor": encodeURIComponent(address.actor) };
  const command = address.command === undefined ? {} : { "x-flyball-command": encodeURIComponent(address.command) };
  return {
    target: { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port || 80) },
    method: call.method,
    path: call.path,
    headers: { ...authorization, ...actor, ...command, ...call.headers },
    timeoutMs: call.timeoutMs,
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  };
}
