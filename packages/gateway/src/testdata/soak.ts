// Calls with faults and clients that leave, for as long as is wanted, with limits, a budget and the cache on: what the gateway holds must
// come back to where it was. The bench lets it run for twenty minutes, a test for seconds.
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { NO_LIMITS, type LimitPolicy } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, seededRandom, type UpstreamBehaviour } from "@flyball/fakes";
import { createRig } from "./gateway-process.ts";
import type { LimitCells } from "./process-commands.ts";
import { endpoint, key, model, pool, snapshot } from "./snapshots.ts";
import { send } from "./test-client.ts";
import type { ThreadHoldings } from "./thread-holdings.ts";

/** What a gateway process holds. */
export interface Holdings {
  readonly rssMiB: number;
  /** Of all threads, after a collection of garbage. */
  readonly heapMiB: number;
  readonly descriptors: number;
  /** Timers, sockets, and maps and sets with what is in them, over all threads. */
  readonly timers: number;
  readonly sockets: number;
  readonly maps: number;
  /** Without the kept answers, which have a bound of their own. */
  readonly entries: number;
  readonly keptAnswers: number;
  /** Reservations in the limit of requests at once. */
  readonly reserved: number;
  /** Over all workers, as its metrics say. */
  readonly inFlight: number;
  readonly waiting: number;
}

/** How long, and how many at once. */
export interface SoakOptions {
  readonly milliseconds: number;
  /** How often it is looked at. */
  readonly everyMs: number;
  readonly clients: number;
  readonly onRow?: (holdings: Holdings, calls: number) => void;
}

/** What came of it. */
export interface SoakReport {
  /** Before the first call. */
  readonly before: Holdings;
  readonly rows: readonly Holdings[];
  /** Twelve seconds after the last call: connections that idle are closed by then. */
  readonly after: Holdings;
  readonly calls: number;
}

const REST_MS = 12_000;
/** Questions that clients ask; the answers to most are kept. */
const QUESTIONS = 50;
/** Everything is on and counts, nothing is to be refused for long. */
const LIMITS: LimitPolicy = {
  ...NO_LIMITS,
  rates: [
    { unit: "requests", limit: 100_000, windowMs: 60_000 },
    { unit: "tokens", limit: 100_000_000, windowMs: 60_000 },
  ],
  concurrency: 1_000,
  budgets: [{ currency: "usd", microUnits: 1_000_000_000_000, per: "day" }],
};
/** Its place among the counters of `LIMITS`. */
const AT_ONCE = 2;
const PIECES = Array.from({ length: 40 }, (_, index) => ` word${index}`);

/** What upstreams do, most of it wrong. */
const TROUBLES: readonly Partial<UpstreamBehaviour>[] = [
  {},
  {},
  {},
  { status: 500, body: "no" },
  {
    status: 429,
    headers: { "retry-after": "1" },
    body: '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}',
  },
  { fault: { kind: "reset" } },
  { fault: { kind: "cut", afterBytes: 300 } },
  { capacity: { places: 2, serviceMs: 40 } },
  { model: { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces: PIECES }], paceMs: 2 } },
  ...(["error-event", "cut", "end", "stall"] as const).map((kind) => ({
    model: {
      ...DEFAULT_MODEL,
      parts: [{ kind: "text", pieces: PIECES }],
      paceMs: 1,
      trouble: { atPiece: 7, kind },
    } as const,
  })),
];

/** Runs one. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const random = seededRandom(11);
  const upstreams = await Promise.all([0, 1, 2].map(() => createFakeUpstream()));
  const rig = await createRig({
    listeners: ["models", "admin"],
    secrets: { "@keys": "secret" },
    workers: 2,
    spares: 2,
  });
  const served = model("chat", ["llm"]);
  const ports = upstreams.map(({ address }) => address.port);
  rig.send(
    snapshot(1, {
      listeners: ["models", "admin"],
      pools: [pool("llm", ports.map((port, ordinal) => endpoint(`llm/${ordinal}@1`, port)))],
      models: [
        {
          ...served,
          isResumed: true,
          hedge: { afterMs: 50, costCap: 0.1 },
          timeouts: { ...served.timeouts, gapMs: 400, firstByteMs: 1_000 },
          cache: { timeToLiveMs: 2_000, maximumBytes: 1024 * 1024 },
          backends: [{ kind: "pool", id: "chat/0", pool: "llm", model: "fake-model", traits: "vllm" }],
        },
      ],
      keys: [{ ...key("fb-key", "secret", ["chat"]), limits: LIMITS }],
    }),
  );
  const gateway = rig.start();
  await gateway.ready;

  const look = async (): Promise<Holdings> => {
    const text = (await send({ port: rig.port("admin"), path: "/metrics" })).text;
    const sum = (name: string): number =>
      text
        .split("\n")
        .filter((line) => line.startsWith(`${name}{`))
        .reduce((all, line) => all + Number(line.split(" ").at(-1)), 0);
    const status = readFileSync(`/proc/${rig.pid}/status`, "utf8");
    const held = await gateway.tell<ThreadHoldings>({ ask: "holdings" });
    const limits = await gateway.tell<LimitCells>({ ask: "limits", counters: AT_ONCE + 1 });
    const keptAnswers = sum("flyball_cache_answers");
    return {
      heapMiB: Math.round(held.heapBytes / 1024 / 102.4) / 10,
      timers: held.timers,
      sockets: held.sockets,
      maps: held.maps,
      entries: held.entries - keptAnswers,
      keptAnswers,
      reserved: limits.counters[AT_ONCE]?.[1] as number,
      rssMiB: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024),
      descriptors: readdirSync(`/proc/${rig.pid}/fd`).length,
      inFlight: sum("flyball_endpoint_in_flight") + sum("flyball_pool_in_flight"),
      waiting: sum("flyball_requests_waiting"),
    };
  };
  const troubles = setInterval(() => {
    for (const upstream of upstreams) {
      upstream.reset();
      upstream.set(TROUBLES[Math.floor(random() * TROUBLES.length)] ?? {});
    }
  }, 100);
  let calls = 0;
  const load = new AbortController();
  const client = async (): Promise<void> => {
    while (!load.signal.aborted) {
      await callOnce(rig.port("models"), random);
      calls += 1;
    }
  };
  const before = await look();
  const clients = Array.from({ length: options.clients }, client);
  const rows: Holdings[] = [];
  for (let passedMs = 0; passedMs < options.milliseconds; passedMs += options.everyMs) {
    await pause(options.everyMs);
    const row = await look();
    rows.push(row);
    options.onRow?.(row, calls);
  }
  load.abort();
  clearInterval(troubles);
  for (const upstream of upstreams) upstream.reset();
  await Promise.all(clients);
  await pause(REST_MS);
  const after = await look();
  await rig.dispose();
  await Promise.all(upstreams.map((upstream) => upstream.dispose()));
  return { before, rows, after, calls };
}

/** One call; some leave in the middle. Resolves when its socket is done with it. */
function callOnce(port: number, random: () => number): Promise<void> {
  return new Promise((resolve) => {
    const body = JSON.stringify({
      model: "chat",
      stream: random() < 0.7,
      max_tokens: 100,
      messages: [{ role: "user", content: `count from ${Math.floor(random() * QUESTIONS)}` }],
    });
    const outgoing = request({
      port,
      path: "/v1/chat/completions",
      method: "POST",
      agent: false,
      headers: { authorization: "Bearer fb-key", "content-type": "application/json" },
    });
    outgoing.on("response", (incoming) => incoming.on("error", () => undefined).resume());
    outgoing.on("error", () => undefined);
    outgoing.on("close", resolve);
    outgoing.end(body);
    if (random() < 0.3) setTimeout(() => outgoing.destroy(), random() * 60);
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}
