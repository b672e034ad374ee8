// How long things take to be ready: `--help` of the packed build, the question-answering example and a three-service app from `up` to
// ready, cold (file cache dropped where the machine allows it, else the first run) and warm. Prints a table; nothing is asserted.
//   node tools/launch.mjs run node bench/startup.ts [rounds]
import { createTemporaryFolder } from "@flyball/fakes";
import { execFile } from "node:child_process";
import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CHECKOUT, createAppRig } from "../test/support/app-rig.ts";
import { readCommandLine, type BenchUsage } from "./support/command-line.ts";
import { describeMachine, percentile, printTable } from "./support/report.ts";

const USAGE: BenchUsage = {
  file: "bench/startup.ts",
  purpose: "How long --help, the question-answering example and a three-service app take to be ready.",
  words: [{ name: "rounds", says: "starts of each app, cold and warm; 5" }],
};
const rounds = readCommandLine(USAGE, process.argv.slice(2), (line) => line.number("rounds", 1) ?? 5);
const run = promisify(execFile);

const THREE_SERVICES = `name: three
services:
  a: { command: [node, server.mjs], ports: [{ name: http, published: 5310 }], depends_on: { b: ready } }
  b: { command: [node, server.mjs], depends_on: { c: ready } }
  c: { command: [node, server.mjs] }
`;
const SERVER = `import { createServer } from "node:http";
createServer((request, response) => response.end("ok")).listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => process.exit(0));
`;

async function packedHelp(): Promise<readonly number[]> {
  await using folder = await createTemporaryFolder("fbb-");
  await run(join(CHECKOUT, "node_modules/.bin/tsc"), ["-b", "tsconfig.build.json"], { cwd: CHECKOUT });
  const names = globSync("packages/*/package.json", { cwd: CHECKOUT }).flatMap((file) => ["-w", join(file, "..")]);
  await run("npm", ["pack", "--pack-destination", folder.path, "--loglevel=error", ...names], { cwd: CHECKOUT });
  await folder.write("package.json", "{}");
  const tarballs = globSync("*.tgz", { cwd: folder.path }).map((file) => join(folder.path, file));
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], { cwd: folder.path });
  const file = join(folder.path, "node_modules/flyball/bin/flyball.js");
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const startedAt = performance.now();
    await run(process.execPath, [file, "--help"]);
    times.push(performance.now() - startedAt);
  }
  return times;
}

async function nodeAlone(): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const startedAt = performance.now();
    await run(process.execPath, ["-e", "0"]);
    times.push(performance.now() - startedAt);
  }
  return times;
}

function dropCaches(): boolean {
  try {
    writeFileSync("/proc/sys/vm/drop_caches", "3");
    return true;
  } catch {
    return false;
  }
}

async function upTimes(options: {
  manifest?: string;
  manifestPath?: string;
  isCold: boolean;
}): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const rig = await createAppRig({ ...options, files: { "server.mjs": SERVER } });
    if (options.isCold) dropCaches();
    const startedAt = performance.now();
    await rig.up();
    times.push(performance.now() - startedAt);
    await rig.dispose();
  }
  return times;
}

const qa = join(CHECKOUT, "examples/qa/flyball.yaml");
const canDrop = dropCaches();
const rows: [string, readonly number[]][] = [
  ["flyball --help, packed", await packedHelp()],
  ["node -e 0 (for comparison)", await nodeAlone()],
  [
    `three services, up -d to ready, ${canDrop ? "cold" : "first"}`,
    await upTimes({ manifest: THREE_SERVICES, isCold: true }),
  ],
  ["three services, up -d to ready, warm", await upTimes({ manifest: THREE_SERVICES, isCold: false })],
  [`examples/qa, up -d to ready, ${canDrop ? "cold" : "first"}`, await upTimes({ manifestPath: qa, isCold: true })],
  ["examples/qa, up -d to ready, warm", await upTimes({ manifestPath: qa, isCold: false })],
];
console.log(describeMachine());
printTable(
  ["what", "n", "p50", "p95", "max"],
  rows.map(([name, times]) => [
    name,
    String(times.length),
    `${percentile(times, 0.5).toFixed(0)} ms`,
    `${percentile(times, 0.95).toFixed(0)} ms`,
    `${Math.max(...times).toFixed(0)} ms`,
  ]),
);
