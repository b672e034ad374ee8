// A steady stream of GET requests, half of them over kept connections and half over new ones, with a record of each. Requests are sent
// when they are due whatever became of the ones before, so a server that is away meets the same load as one that is there.
import { Agent, get } from "node:http";
import type { Socket } from "node:net";

/** One request. Times are milliseconds of `performance.now()`. */
export interface RequestRecord {
  readonly startedAt: number;
  readonly endedAt: number;
  /** `200`, or the error's code: ECONNREFUSED, ECONNRESET … */
  readonly outcome: string;
  /** When its connection was made; undefined when it never was. */
  readonly connectedAt: number | undefined;
}

/** Requests that go on until `stop`. */
export interface SteadyRequests {
  readonly records: readonly RequestRecord[];
  inFlight(): number;
  /** Sends no more and resolves with all records once the last one has ended. */
  stop(): Promise<readonly RequestRecord[]>;
}

const TICK_MS = 5;
const TIMEOUT_MS = 10_000;

/** Starts sending. */
export function startSteadyRequests(options: { readonly url: string; readonly perSecond: number }): SteadyRequests {
  const { url, perSecond } = options;
  const kept = new Agent({ keepAlive: true, maxSockets: 16 });
  const records: RequestRecord[] = [];
  const connections = new WeakMap<Socket, number>();
  const running = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;
  const send = (): void => {
    sent += 1;
    const request = sendOne(url, { agent: sent % 2 === 0 ? kept : false, connections });
    const recorded = request.then((record) => void records.push(record));
    running.add(recorded);
    void recorded.then(() => running.delete(recorded));
  };
  const timer = setInterval(() => {
    const missing = Math.floor(((performance.now() - startedAt) * perSecond) / 1_000) - sent;
    for (let count = 0; count < missing; count += 1) send();
  }, TICK_MS);
  return {
    records,
    inFlight: () => running.size,
    async stop() {
      clearInterval(timer);
      await Promise.all(running);
      kept.destroy();
      return records;
    },
  };
}

/** Outcomes that are not 200, counted: `{ ECONNRESET: 2 }`. */
export function failuresOf(records: readonly RequestRecord[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcome } of records) if (outcome !== "200") counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** `connections` remembers when each connection was made. */
function sendOne(
  url: string,
  options: { readonly agent: Agent | false; readonly connections: WeakMap<Socket, number> },
): Promise<RequestRecord> {
  const { agent, connections } = options;
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let socket: Socket | undefined;
    const settle = (outcome: string): void => {
      resolve({ startedAt, endedAt: performance.now(), outcome, connectedAt: socket && connections.get(socket) });
    };
    const request = get(url, { agent, timeout: TIMEOUT_MS }, (response) => {
      response.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
      response.on("end", () => settle(response.complete ? String(response.statusCode) : "TRUNCATED"));
      response.resume();
    });
    request.on("socket", (used) => {
      socket = used;
      if (used.connecting) used.once("connect", () => connections.set(used, performance.now()));
    });
    request.on("timeout", () => request.destroy(Object.assign(new Error("no answer"), { code: "TIMEOUT" })));
    request.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
}
