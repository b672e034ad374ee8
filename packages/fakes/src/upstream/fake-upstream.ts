// A real HTTP server on loopback that fails on command. It stands for any service or model behind a gateway: tests of retries,
// time-outs and cancellation talk to it over real sockets, because that is where those faults live.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { systemClock, type Address, type Clock } from "@flyball/core";
import { modelAnswer } from "./model/model-answer.ts";
import type { RecordedRequest, RequestOutcome, UpstreamCounts } from "./recorded-request.ts";
import { sendAnswer } from "./send-answer.ts";
import { createServicePlaces, type ServiceCapacity } from "./service-places.ts";
import { DEFAULT_BEHAVIOUR, type UpstreamAnswer, type UpstreamBehaviour } from "./upstream-behaviour.ts";

/** Only the newest requests are kept, so a long load test does not fill the memory; counts go on. */
const KEPT_REQUESTS = 10_000;
const KEPT_BODY_BYTES = 4 * 1024 * 1024;

/** Settings that last for the upstream's life. */
export interface FakeUpstreamOptions {
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0 (any free port) unless given. */
  readonly port?: number;
  /** For delays and pace; the machine's clock unless given. */
  readonly clock?: Clock;
  readonly behaviour?: Partial<UpstreamBehaviour>;
}

/** A server with fault knobs. */
export interface FakeUpstream extends AsyncDisposable {
  readonly address: Address;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The newest 10,000 requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly counts: UpstreamCounts;
  /** Changes knobs from the next request on; the others stay. */
  set(change: Partial<UpstreamBehaviour>): void;
  /** Changes knobs for the next `times` requests only; calls queue up, each request takes one. */
  setNext(change: Partial<UpstreamBehaviour>, times?: number): void;
  /** All knobs as at the start; `setNext` is forgotten. */
  reset(): void;
  /** Connections are refused from now on. Open ones are reset when asked for. */
  refuse(options?: { readonly resetsOpen: boolean }): Promise<void>;
  /** Listens again on the same port. */
  accept(): Promise<void>;
  /** Resolves when the condition holds; looked at after every change. Rejects with the signal's reason. */
  until(condition: (counts: UpstreamCounts) => boolean, signal?: AbortSignal): Promise<void>;
  /** Ends the server and every connection. Idempotent. */
  dispose(): Promise<void>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Starts an upstream; resolves when it listens. */
export async function createFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const clock = options.clock ?? systemClock;
  const initial: UpstreamBehaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
  let behaviour = initial;
  const nextChanges: Partial<UpstreamBehaviour>[] = [];
  const requests: RecordedRequest[] = [];
  const counts: Mutable<UpstreamCounts> = {
    connections: 0,
    requests: 0,
    executions: 0,
    completed: 0,
    aborted: 0,
    cut: 0,
    open: 0,
  };
  const watchers = new Set<() => void>();
  const sockets = new Set<Socket>();
  const places = createServicePlaces();
  const changed = (): void => watchers.forEach((watcher) => watcher());

  function takeBehaviour(): UpstreamBehaviour {
    const change = nextChanges.shift();
    return change ? { ...behaviour, ...change } : behaviour;
  }

  function record(incoming: IncomingMessage): Mutable<RecordedRequest> {
    const request: Mutable<RecordedRequest> = {
      index: counts.requests,
      method: incoming.method ?? "",
      url: incoming.url ?? "",
      headers: incoming.headers,
      body: Buffer.alloc(0),
      isExecuted: false,
      outcome: "open",
      bytesSent: 0,
      receivedAt: clock.monotonic(),
      endedAt: undefined,
    };
    requests.push(request);
    if (requests.length > KEPT_REQUESTS) requests.shift();
    counts.requests++;
    counts.open++;
    changed();
    return request;
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = record(incoming);
    const chosen = takeBehaviour();
    const left = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) left.abort(new Error("the client left"));
    });
    let outcome: Exclude<RequestOutcome, "open"> = "aborted";
    try {
      request.body = await readBody(incoming);
      request.isExecuted = true;
      counts.executions++;
      changed();
      const send = (): ReturnType<typeof sendAnswer> =>
        sendAnswer(answerFor(chosen, request), {
          response,
          behaviour: chosen,
          clock,
          signal: left.signal,
          onBytes: (count) => {
            request.bytesSent += count;
          },
        });
      outcome = await (chosen.capacity ? inPlace(chosen.capacity, left.signal, send) : send());
    } catch {
      response.destroy();
    }
    request.outcome = outcome;
    request.endedAt = clock.monotonic();
    counts[outcome]++;
    counts.open--;
    changed();
  }

  async function inPlace<T>({ places: many, serviceMs }: ServiceCapacity, signal: AbortSignal, work: () => Promise<T>) {
    await places.take(many, signal);
    try {
      await new Promise<void>((resolve) => void clock.after(serviceMs, resolve));
      return await work();
    } finally {
      places.free();
    }
  }

  const server = createServer((incoming, response) => void handle(incoming, response));
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => {
    counts.connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    changed();
  });
  const host = options.host ?? "127.0.0.1";
  const port = await listen(server, options.port ?? 0, host);

  async function stopListening(resetsOpen: boolean): Promise<void> {
    if (server.listening) server.close();
    if (!resetsOpen) return;
    await Promise.all(
      Array.from(sockets, (socket) => {
        const closed = new Promise((resolve) => socket.once("close", resolve));
        socket.resetAndDestroy();
        return closed;
      }),
    );
  }

  const dispose = (): Promise<void> => stopListening(true);
  return {
    address: { host, port },
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    requests,
    counts,
    set: (change) => void (behaviour = { ...behaviour, ...change }),
    setNext(change, times = 1) {
      for (let time = 0; time < times; time++) nextChanges.push(change);
    },
    reset() {
      behaviour = initial;
      nextChanges.length = 0;
    },
    refuse: (refusal) => stopListening(refusal?.resetsOpen ?? false),
    async accept() {
      if (!server.listening) await listen(server, port, host);
    },
    until: (condition, signal) => waitUntil(() => condition(counts), watchers, signal),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function answerFor(behaviour: UpstreamBehaviour, request: RecordedRequest): UpstreamAnswer {
  const answer = behaviour.respond?.(request);
  if (answer) return answer;
  const said = behaviour.model && behaviour.status === 200 ? modelAnswer(behaviour.model, request) : undefined;
  if (said) return said;
  return { status: behaviour.status, headers: behaviour.headers, body: behaviour.body };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    if (size < KEPT_BODY_BYTES) parts.push(part.subarray(0, KEPT_BODY_BYTES - size));
    size += part.byteLength;
  }
  return Buffer.concat(parts);
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function waitUntil(holds: () => boolean, watchers: Set<() => void>, signal?: AbortSignal): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      watchers.delete(look);
      signal?.removeEventListener("abort", onAbort);
      end();
    };
    const look = (): void => {
      if (holds()) finish(resolve);
    };
    const onAbort = (): void => finish(() => reject(signal?.reason as Error));
    watchers.add(look);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
