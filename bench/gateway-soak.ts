// Twenty minutes of calls with faults and clients that leave: what the gateway holds must come back to where it was. Prints a row each
// minute, then the baseline beside the end. `node tools/launch.mjs run node bench/gateway-soak.ts [minutes]`
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { createFakeUpstream, DEFAULT_MODEL, seededRandom, type UpstreamBehaviour } from "@flyball/fakes";
import { createRig } from "../packages/gateway/src/testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../packages/gateway/src/testdata/snapshots.ts";

const MINUTES = Number(process.argv[2] ?? 20);
const CLIENTS = 24;
const PIECES = Array.from({ length: 40 }, (_, index) => ` word${index}`);
const random = seededRandom(11);

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

const upstreams = await Promise.all([0, 1, 2].map(() => createFakeUpstream()));
const rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" }, workers: 2, spares: 2 });
const served = model("chat", ["llm"]);
rig.send(
  snapshot(1, {
    listeners: ["models"],
    pools: [
      pool(
        "llm",
        upstreams.map(({ address }, ordinal) => endpoint(`llm/${ordinal}@1`, address.port)),
      ),
    ],
    models: [
      {
        ...served,
        isResumed: true,
        hedge: { afterMs: 50, costCap: 0.1 },
        timeouts: { ...served.timeouts, gapMs: 400, firstByteMs: 1_000 },
        backends: [{ kind: "pool", id: "chat/0", pool: "llm", model: "fake-model", traits: "vllm" }],
      },
    ],
    keys: [key("fb-key", "secret", ["chat"])],
  }),
);
await rig.start().ready;

/** One call; some leave in the middle. Resolves when its socket is done with it. */
function call(): Promise<void> {
  return new Promise((resolve) => {
    const body = JSON.stringify({
      model: "chat",
      stream: random() < 0.7,
      max_tokens: 100,
      messages: [{ role: "user", content: "count" }],
    });
    const outgoing = request({
      port: rig.port("models"),
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

function measure(): { rssMiB: number; sockets: number } {
  const status = readFileSync(`/proc/${rig.pid}/status`, "utf8");
  return {
    rssMiB: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024),
    sockets: readdirSync(`/proc/${rig.pid}/fd`).length,
  };
}

let calls = 0;
const load = new AbortController();
const troubles = setInterval(() => {
  for (const upstream of upstreams) {
    upstream.reset();
    upstream.set(TROUBLES[Math.floor(random() * TROUBLES.length)] ?? {});
  }
}, 100);
const client = async (): Promise<void> => {
  while (!load.signal.aborted) {
    await call();
    calls += 1;
  }
};
const settle = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
console.log("minute  calls  RSS MiB  descriptors");
const clients = Array.from({ length: CLIENTS }, client);
const rows: ReturnType<typeof measure>[] = [];
for (let minute = 1; minute <= MINUTES; minute += 1) {
  await settle(60_000);
  const row = measure();
  rows.push(row);
  console.log(
    `${String(minute).padStart(6)}  ${String(calls).padStart(5)}  ${String(row.rssMiB).padStart(7)}  ${row.sockets}`,
  );
}
load.abort();
clearInterval(troubles);
for (const upstream of upstreams) upstream.reset();
await Promise.all(clients);
await settle(12_000);
const rest = measure();
const warm = rows[Math.min(2, rows.length - 1)];
const last = rows.at(-1);
console.log(
  `after warm-up ${JSON.stringify(warm)}; at the end of the load ${JSON.stringify(last)}; at rest ${JSON.stringify(rest)}`,
);
await rig.dispose();
await Promise.all(upstreams.map((upstream) => upstream.dispose()));
