// Posts to an address outside. The address is looked at before anything is sent and again after its name was resolved; redirects are not followed:
// they would lead round both. One connection a notice: there are few.
import type { Clock } from "@flyball/core";
import { hostReach } from "@flyball/core";
import { createAddressGuard, type AllowedAddresses, type ResolveAll } from "@flyball/wire";
import { Agent as HttpAgent, request as requestPlain, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestTls } from "node:https";
import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { getCACertificates } from "node:tls";
import type { HookAnswer, HookRequest } from "./channel.ts";

/** How to get out. */
export interface WayOut {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY are taken from here. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly allowed: AllowedAddresses;
  /** PEM of certificates that are trusted besides the machine's own. */
  readonly authorities?: string;
  readonly resolveAll?: ResolveAll;
  readonly signal: AbortSignal;
}

const MOST_BYTES = 64 * 1024;
const PROXY_VARIABLES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"] as const;

/** Sends it and reads the answer. Rejects with an error in one sentence: refused, not connected, no answer in time. */
export async function postHook(request: HookRequest, way: WayOut): Promise<HookAnswer> {
  const url = new URL(request.url);
  const guard = createAddressGuard(way.allowed, { resolveAll: way.resolveAll });
  const refusal = guard.refusalOf(url.hostname);
  if (refusal !== undefined) throw new Error(refusal);
  const isTls = url.protocol === "https:";
  // What is on this machine or its network is reached directly.
  const usesProxy = hostReach(url.hostname) !== "private";
  const proxyEnv = usesProxy ? { proxyEnv: { ...way.environment } } : {};
  const agent = isTls ? new HttpsAgent(proxyEnv) : new HttpAgent(proxyEnv);
  const gone = new AbortController();
  const cancel = way.clock.after(way.timeoutMs, () => gone.abort(new Error(`no answer in ${way.timeoutMs} ms`)));
  const signal = AbortSignal.any([gone.signal, way.signal]);
  try {
    return await new Promise((resolve, reject) => {
      const options = {
        method: "POST",
        agent,
        signal,
        headers: { ...request.headers, "content-length": Buffer.byteLength(request.body), "user-agent": "flyball" },
        lookup: guardedLookup(guard.lookup, way.environment),
        ...(way.authorities === undefined ? {} : { ca: [...getCACertificates("default"), way.authorities] }),
      };
      const call = (isTls ? requestTls : requestPlain)(url, options, (answer) => {
        readAnswer(answer).then(resolve, reject);
      });
      call.on("error", (error) => reject(signal.aborted ? (signal.reason as Error) : plainError(error)));
      call.end(request.body);
    });
  } finally {
    cancel();
    agent.destroy();
  }
}

/** A proxy is named by the operator of the machine and may stand anywhere; all else is looked at. */
function guardedLookup(guarded: LookupFunction, environment: WayOut["environment"]): LookupFunction {
  const proxies = new Set(
    PROXY_VARIABLES.map((name) => {
      const value = environment[name] ?? "";
      return URL.parse(value.includes("://") ? value : `http://${value}`)?.hostname;
    }),
  );
  return (host, options, callback) =>
    proxies.has(host) ? systemLookup(host, options, callback) : guarded(host, options, callback);
}

async function readAnswer(answer: IncomingMessage): Promise<HookAnswer> {
  let body = "";
  for await (const chunk of answer.setEncoding("utf8") as AsyncIterable<string>) {
    body += chunk;
    if (body.length > MOST_BYTES) break;
  }
  const retryAfter = answer.headers["retry-after"];
  return {
    status: answer.statusCode ?? 0,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    body: body.slice(0, MOST_BYTES),
  };
}

/** Several addresses that were tried make an error without words. */
function plainError(error: Error): Error {
  if (error.message !== "") return error;
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return new Error(first?.message ?? (error as NodeJS.ErrnoException).code ?? "the connection failed");
}
