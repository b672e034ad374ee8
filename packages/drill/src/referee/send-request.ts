// One request from its connection to its end, on kept connections, without any second try: what the app does to a request is to be seen.
import { Agent, request, type IncomingMessage } from "node:http";
import { judgeAnswer } from "./judge-answer.ts";
import type { LoadRequest } from "./load-request.ts";
import type { RequestEnd, RequestProblem, RequestRecord } from "./request-record.ts";

/** Sends requests. */
export interface Sender {
  /** Never rejects. */
  send(order: { readonly id: number; readonly dueAt: number; readonly request: LoadRequest }): Promise<RequestRecord>;
  /** Breaks off what is under way and closes the connections. */
  close(): void;
}

const MOST_KEPT_BYTES = 4 * 1024 * 1024;

/** A sender whose requests end after `timeoutMs` at the latest. `now` gives wall milliseconds. */
export function createSender(timeoutMs: number, now: () => number): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  return {
    send: ({ id, dueAt, request: wanted }) =>
      new Promise((resolve) => {
        const sentAt = now();
        const seen: Seen = { longestGapMs: 0, body: "", bytes: 0 };
        const finish = (end: RequestEnd, problem?: RequestProblem): void => {
          clearTimeout(timer);
          resolve(recordOf({ id, name: wanted.name, dueAt, sentAt, endedAt: now(), end }, seen, problem));
        };
        const { origin, method, path, headers, body } = wanted;
        const call = request(`${origin}${path}`, { agent, method, headers });
        const timer = setTimeout(() => {
          finish("none", { code: "no-end", seconds: timeoutMs / 1_000 });
          call.destroy();
        }, timeoutMs);
        call.on("error", (error: NodeJS.ErrnoException) =>
          finish(error.code === "ECONNREFUSED" ? "refused" : "broken", { code: "words", words: error.message }),
        );
        call.on("response", (response) => readAnswer(response, seen, { now, finish }));
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}

interface Seen {
  firstByteAt?: number;
  lastPieceAt?: number;
  longestGapMs: number;
  status?: number;
  attempts?: number;
  contentType?: string;
  body: string;
  bytes: number;
}

function readAnswer(
  response: IncomingMessage,
  seen: Seen,
  { now, finish }: { now: () => number; finish: (end: RequestEnd, problem?: RequestProblem) => void },
): void {
  seen.firstByteAt = now();
  seen.lastPieceAt = seen.firstByteAt;
  seen.status = response.statusCode ?? 0;
  seen.contentType = response.headers["content-type"] ?? "";
  const attempts = Number(response.headers["x-flyball-attempts"] ?? Number.NaN);
  if (Number.isFinite(attempts)) seen.attempts = attempts;
  response.setEncoding("utf8");
  response.on("data", (piece: string) => {
    const at = now();
    seen.longestGapMs = Math.max(seen.longestGapMs, at - (seen.lastPieceAt ?? at));
    seen.lastPieceAt = at;
    seen.bytes += piece.length;
    if (seen.bytes <= MOST_KEPT_BYTES) seen.body += piece;
  });
  response.on("end", () => finish("answered"));
  response.on("error", (error) => finish("broken", { code: "words", words: error.message }));
}

type Base = Pick<RequestRecord, "id" | "name" | "dueAt" | "sentAt" | "endedAt" | "end">;

function recordOf(base: Base, seen: Seen, problem: RequestProblem | undefined): RequestRecord {
  const { firstByteAt, status, attempts, longestGapMs, contentType = "", body, bytes } = seen;
  const isGood = base.end === "answered" && status !== undefined && status >= 200 && status < 400;
  const judged = isGood && bytes <= MOST_KEPT_BYTES ? judgeAnswer(contentType, body, status !== 204) : {};
  const wrong = problem ?? judged.problem;
  return {
    ...base,
    ...(firstByteAt === undefined ? {} : { firstByteAt, longestGapMs }),
    ...(status === undefined ? {} : { status }),
    ...(wrong === undefined ? {} : { problem: wrong }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(judged.isDuplicated ? { isDuplicated: true } : {}),
  };
}
