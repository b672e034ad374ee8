// Requests a second through the gateway on a static upstream, against the same upstream reached directly, in turns within one run. The load
// comes from a process of its own over keep-alive connections; the figure that matters is the ratio.
//   node tools/launch.mjs run node bench/gateway-static.ts [seconds] [connections]
import { fork } from "node:child_process";
import { Agent, request } from "node:http";
import { once } from "node:events";
import { createAppRig } from "../test/support/app-rig.ts";
import { describeMachine, percentile, printTable } from "./support/report.ts";

const seconds = Number(process.argv[2] ?? 5);
const connections = Number(process.argv[3] ?? 32);
const TURNS = 3;

const SERVER = `import { createServer } from "node:http";
const body = JSON.stringify({ text: "x".repeat(1000) });
createServer((request, response) => { response.setHeader("content-type", "application/json"); response.end(body); })
  .listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => process.exit(0));
`;
const MANIFEST = `name: static
services:
  web: { command: [node, server.mjs], replicas: 2, ports: [{ name: http, published: 5320 }] }
`;

interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** Runs in the child: closed loop over N connections for S seconds. */
async function generateLoad(url: string): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const until = performance.now() + seconds * 1000;
  const times: number[] = [];
  let failed = 0;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const startedAt = performance.now();
      const outgoing = request(url, { agent }, (response) => {
        response.resume();
        response.on("end", () => {
          if (response.statusCode === 200) times.push(performance.now() - startedAt);
          else failed += 1;
          resolve();
        });
      });
      outgoing.on("error", () => {
        failed += 1;
        resolve();
      });
      outgoing.end();
    });
  const worker = async (): Promise<void> => {
    while (performance.now() < until) await one();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return { perSecond: times.length / seconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99), failed };
}

async function loadFromChild(url: string): Promise<LoadResult> {
  const child = fork(import.meta.filename, [String(seconds), String(connections)], {
    env: { ...process.env, BENCH_URL: url },
  });
  const [result] = (await once(child, "message")) as [LoadResult];
  return result;
}

async function main(): Promise<void> {
  const rig = await createAppRig({ manifest: MANIFEST, files: { "server.mjs": SERVER } });
  await rig.up();
  const [instance] = await rig.instances("web");
  const results: Record<"direct" | "gateway", LoadResult[]> = { direct: [], gateway: [] };
  for (let turn = 0; turn < TURNS; turn += 1) {
    results.direct.push(await loadFromChild(`http://127.0.0.1:${instance?.port}/`));
    results.gateway.push(await loadFromChild(`${await rig.url("web")}/`));
  }
  await rig.dispose();
  console.log(describeMachine());
  const rows = (["direct", "gateway"] as const).map((name) => {
    const best = results[name].toSorted((a, b) => b.perSecond - a.perSecond)[Math.floor(TURNS / 2)]!;
    return [
      name,
      best.perSecond.toFixed(0),
      `${best.p50.toFixed(2)} ms`,
      `${best.p99.toFixed(2)} ms`,
      String(best.failed),
    ];
  });
  printTable(["path", "requests/s (median of 3)", "p50", "p99", "failed"], rows);
  const ratio = Number(rows[1]?.[1]) / Number(rows[0]?.[1]);
  console.log(`\ngateway ÷ direct = ${ratio.toFixed(2)} (1 kB JSON, ${connections} connections, one gateway worker)`);
}

if (process.env["BENCH_URL"] === undefined) await main();
else process.send?.(await generateLoad(process.env["BENCH_URL"]));
