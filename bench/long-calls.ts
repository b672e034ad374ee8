// How long calls with very long bodies hold the event loop of the gateway that everybody else is served by, and how long they take themselves.
// Prints a table; nothing is asserted. `node tools/launch.mjs run node bench/long-calls.ts [rounds]`
import { createFakeUpstream } from "@flyball/fakes";
import { createRig } from "../packages/gateway/src/testdata/gateway-process.ts";
import type { LoopDelay } from "../packages/gateway/src/testdata/process-commands.ts";
import { key, snapshot, TIMEOUTS } from "../packages/gateway/src/testdata/snapshots.ts";
import { send } from "../packages/gateway/src/testdata/test-client.ts";
import { readCommandLine, type BenchUsage } from "./support/command-line.ts";
import { describeMachine, percentile, printTable } from "./support/report.ts";

const USAGE: BenchUsage = {
  file: "bench/long-calls.ts",
  purpose: "How long calls with very long bodies hold the event loop, and how long they take.",
  words: [{ name: "rounds", says: "calls of each kind; 7" }],
};
const rounds = readCommandLine(USAGE, process.argv.slice(2), (line) => line.number("rounds", 1) ?? 7);

const MIB = 1024 * 1024;
const say = (content: unknown): object => ({ messages: [{ role: "user", content }] });
const short = Array.from({ length: 100_000 }, (_, index) => ({
  role: index % 2 === 0 ? "user" : "assistant",
  content: `${index} ${"some words of a message that is short ".repeat(3)}`,
}));
const turns = short.length % 2 === 0 ? short.slice(1) : short;
const base64 = Buffer.alloc(11 * MIB, 0x5a).toString("base64");
const picture = { type: "image_url", image_url: { url: `data:image/png;base64,${base64}` } };
const tool = (values: number): object => ({
  type: "function",
  function: { name: "f", parameters: { type: "object", enum: Array.from({ length: values }, (_, index) => index) } },
});

/** What is sent: the way that it goes, and its members beside model and bound. */
const KINDS: readonly (readonly [name: string, way: "same" | "other" | "kept", call: object])[] = [
  ["text, same API", "same", say("hello world ".repeat(1_300_000))],
  ["escapes, same API", "same", say('"\n'.repeat(3_700_000))],
  ["short messages, same API", "same", { messages: turns }],
  ["text, translated", "other", say("hello world ".repeat(1_300_000))],
  ["escapes, translated", "other", say('"\n'.repeat(3_700_000))],
  ["short messages, translated", "other", { messages: turns }],
  ["picture, translated", "other", say([picture])],
  ["300,000 numbers in a tool, translated", "other", { ...say("hello"), tools: [tool(300_000)] }],
  ["text, with a cache", "kept", say("hello world ".repeat(1_300_000))],
  ["short messages, with a cache", "kept", { messages: turns }],
  ["picture, with a cache", "kept", say([picture])],
];

const headers = { "content-type": "application/json" };
const ANSWER = JSON.stringify({
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  id: "m",
  type: "message",
  role: "assistant",
  model: "there",
  stop_sequence: null,
  content: [{ type: "text", text: "hi" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
});
const upstream = await createFakeUpstream();
upstream.set({ respond: () => ({ status: 200, headers, body: ANSWER }) });
const rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" } });
const baseUrl = `http://127.0.0.1:${upstream.address.port}/v1`;
const provider = (id: string, name: string) =>
  ({ kind: "provider", id, provider: name, model: "there", baseUrl }) as const;
const models = {
  same: { backends: [provider("same", "openai")] },
  other: { backends: [provider("other", "anthropic")] },
  kept: { backends: [provider("kept", "openai")], cache: { timeToLiveMs: 60_000, maximumBytes: 64 * MIB } },
};
rig.send(
  snapshot(1, {
    listeners: ["models"],
    models: Object.entries(models).map(([name, more]) => ({ name, timeouts: TIMEOUTS, ...more })),
    keys: [key("fb-key", "secret", Object.keys(models))],
  }),
);
const gateway = rig.start();
await gateway.ready;

async function ask(body: Buffer): Promise<number> {
  const began = performance.now();
  const reply = await send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer fb-key", "content-type": "application/json" },
    body,
  });
  if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.text.slice(0, 300)}`);
  return performance.now() - began;
}

const rows: string[][] = [];
for (const [name, way, call] of KINDS) {
  const held: number[] = [];
  const busy: number[] = [];
  const took: number[] = [];
  let bytes = 0;
  for (let round = 0; round <= rounds; round += 1) {
    // Each is another call, or a cache would know it.
    const body = Buffer.from(JSON.stringify({ model: way, max_tokens: 9, user: `u${name}${round}`, ...call }));
    bytes = body.length;
    await gateway.tell<LoopDelay>({ ask: "loop-delay" });
    const tookMs = await ask(body);
    const { worstMs, worstCpuMs } = await gateway.tell<LoopDelay>({ ask: "loop-delay" });
    // The first one compiles, and starts what is started once.
    if (round === 0) continue;
    held.push(worstMs);
    busy.push(worstCpuMs);
    took.push(tookMs);
  }
  const show = (milliseconds: number): string => milliseconds.toFixed(0);
  rows.push([
    name,
    (bytes / MIB).toFixed(1),
    ...[percentile(busy, 0.5), Math.max(...busy), percentile(held, 0.5), percentile(took, 0.5)].map(show),
  ]);
}
printTable(
  ["call", "MiB", "event loop held, ms of CPU: median", "most", "ms of time: median", "call, ms: median"],
  rows,
);
console.log(`\n${describeMachine()}; ${rounds} calls of each kind after a first one`);
await rig.dispose();
await upstream.dispose();
