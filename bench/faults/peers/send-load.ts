// The clients, in a process of their own: an open loop of GET requests, each once, none tried again. Prints a JSON line for each request.
//   node send-load.ts <requests a second> <seconds> <target as JSON>
import { Agent, get } from "node:http";
import { Resolver } from "node:dns/promises";
import { setTimeout as delay } from "node:timers/promises";
import { CLIENT_LIMIT_MS, type LoadRecord } from "./load-record.ts";
import type { LoadTarget } from "./peer.ts";

const LOOK_UP_MS = 200;
const [perSecond = 0, seconds = 0] = process.argv.slice(2).map(Number);
const target = JSON.parse(process.argv[4] ?? "") as LoadTarget;
const agent = new Agent({ keepAlive: true });
let urls: readonly string[] = target.kind === "list" ? target.urls : [];

async function lookUp({ name, port }: Extract<LoadTarget, { kind: "names" }>): Promise<void> {
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers(["127.0.0.11"]);
  const found = await resolver.resolve4(name).catch(() => []);
  urls = found.toSorted().map((address) => `http://${address}:${port}/`);
}

function send(dueAt: number, turn: number): Promise<LoadRecord> {
  const url = urls[turn % Math.max(1, urls.length)];
  if (url === undefined) return Promise.resolve({ dueAt, tookMs: Date.now() - dueAt, outcome: "NO-ADDRESS", by: "" });
  return new Promise((resolve) => {
    const settle = (outcome: string, by = ""): void => {
      clearTimeout(timer);
      resolve({ dueAt, tookMs: Date.now() - dueAt, outcome, by });
    };
    const request = get(url, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
      response.on("end", () => settle(String(response.statusCode), text));
    });
    const timer = setTimeout(
      () => {
        settle("TIMEOUT");
        request.destroy();
      },
      CLIENT_LIMIT_MS - (Date.now() - dueAt),
    );
    request.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
}

if (target.kind === "names") {
  await lookUp(target);
  setInterval(() => void lookUp(target), LOOK_UP_MS);
}
const startedAt = Date.now();
const running: Promise<void>[] = [];
for (let turn = 0; turn < perSecond * seconds; turn += 1) {
  const dueAt = startedAt + (turn * 1_000) / perSecond;
  const waitMs = dueAt - Date.now();
  if (waitMs > 0) await delay(waitMs);
  running.push(send(dueAt, turn).then((record) => void process.stdout.write(`${JSON.stringify(record)}\n`)));
}
await Promise.all(running);
process.stdout.end(() => process.exit(0));
