// One request with a record of everything that a client can see of it. Each has a connection of its own, so that no answer depends on
// the age of a kept connection.
import { request as openRequest } from "node:http";

/** What to send. */
export interface RequestPlan {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A request that takes longer is ended by the client, which counts as a failure. */
  readonly limitMs: number;
}

/** What came back. Times are milliseconds of `performance.now()`. */
export interface Reply {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent when no whole response came. */
  readonly status?: number;
  readonly body: string;
  /** The error's code, or `TRUNCATED`: the response broke off. */
  readonly failure?: string;
}

/** Sends it; never rejects. */
export function sendRequest(plan: RequestPlan): Promise<Reply> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let isTooLate = false;
    const settle = (end: { readonly status?: number; readonly failure?: string }): void => {
      clearTimeout(timer);
      resolve({ startedAt, endedAt: performance.now(), body: Buffer.concat(chunks).toString(), ...end });
    };
    const { url, method, headers, body } = plan;
    const outgoing = openRequest(url, { method, agent: false, ...(headers === undefined ? {} : { headers }) });
    const timer = setTimeout(() => {
      isTooLate = true;
      outgoing.destroy(new Error("no answer in time"));
    }, plan.limitMs);
    const fail = (error: NodeJS.ErrnoException): void =>
      settle({ failure: isTooLate ? "TOO_LATE" : (error.code ?? error.message) });
    outgoing.on("error", fail);
    outgoing.on("response", (response) => {
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        settle(response.complete ? { status: response.statusCode ?? 0 } : { failure: "TRUNCATED" });
      });
    });
    outgoing.end(body);
  });
}

/** Replies counted by what they are: `{ "200": 997, "502 FB_GATEWAY_UPSTREAM_LOST": 2, "ECONNRESET": 1 }`. */
export function countReplies(replies: readonly Reply[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const reply of replies) {
    const kind = kindOf(reply);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Code of a Flyball or OpenAI error body; undefined for any other. */
export function errorCode(reply: Reply): string | undefined {
  try {
    const { error } = JSON.parse(reply.body) as { error?: { code?: unknown } };
    return typeof error?.code === "string" ? error.code : undefined;
  } catch {
    return undefined;
  }
}

function kindOf(reply: Reply): string {
  return reply.failure ?? [reply.status, errorCode(reply)].filter((part) => part !== undefined).join(" ");
}
