// Fetches a small JSON document with the gateway's own client, so that proxies and certificates are those of all other egress. Redirects
// are not followed: the document says whom we trust, and only the place that was named may say it.
import type { Clock } from "@flyball/core";
import type { Upstream } from "../upstream/upstream.ts";

const LIMIT_MS = 5_000;
const MAX_BYTES = 512 * 1024;

/** Makes a client for an origin. */
export type ConnectOrigin = (origin: string) => Upstream;

/** Resolves with the document; rejects when there is no whole 200 with JSON within 5 s and 512 KiB. */
export function fetchJson(
  url: URL,
  options: { readonly connect: ConnectOrigin; readonly clock: Clock },
): Promise<unknown> {
  const upstream = options.connect(url.origin);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (outcome: { readonly value: unknown } | { readonly reason: string }): void => {
      cancelTimer();
      upstream.close();
      if ("value" in outcome) resolve(outcome.value);
      else reject(new Error(`${url.href}: ${outcome.reason}`));
    };
    const giveUp = (reason: string): void => {
      call.cancel();
      end({ reason });
    };
    const cancelTimer = options.clock.after(LIMIT_MS, () => giveUp(`no answer within ${LIMIT_MS} ms`));
    const headers = ["accept", "application/json", "accept-encoding", "identity", "host", url.host];
    const call = upstream.send(
      { method: "GET", path: `${url.pathname}${url.search}`, headers, body: null },
      {
        onSent: () => undefined,
        onInformation: () => undefined,
        onHead: ({ status }) => (status === 200 ? undefined : giveUp(`it answered ${status}`)),
        onData(chunk) {
          size += chunk.length;
          if (size > MAX_BYTES) giveUp(`it is larger than ${MAX_BYTES} bytes`);
          else chunks.push(chunk);
        },
        onEnd: () => end(parsed(chunks)),
        onUpgraded: (_head, socket) => socket.destroy(),
        onFailure: ({ code, message }) => end({ reason: `${code} ${message}` }),
      },
    );
  });
}

function parsed(chunks: readonly Buffer[]): { readonly value: unknown } | { readonly reason: string } {
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
  } catch {
    return { reason: "it is no JSON" };
  }
}
