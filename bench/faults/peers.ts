// What five faults of one of two replicas cost the clients: under Flyball, under plain restart supervision, nginx, HAProxy and Docker Swarm, with the
// same app, the same load and the same faults at the same time, seen by the same clients outside. Prints a table; nothing is asserted.
//   node tools/launch.mjs run node bench/faults/peers.ts [rounds] [options]
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCleanUp } from "../gateway/machine/clean-up.ts";
import { readCommandLine, type BenchUsage } from "../support/command-line.ts";
import { describeMachine, printTable } from "../support/report.ts";
import { dockerSwarm } from "./peers/docker-swarm.ts";
import { flyballPeer } from "./peers/flyball-peer.ts";
import { haproxyChecks } from "./peers/haproxy-checks.ts";
import { GOOD_WINDOW_MS, LATE_MS, type PeerFigures } from "./peers/judge-peer-run.ts";
import { CLIENT_LIMIT_MS } from "./peers/load-record.ts";
import { nginxPassive } from "./peers/nginx-passive.ts";
import { PEER_FAULTS } from "./peers/peer-fault.ts";
import type { Peer } from "./peers/peer.ts";
import { plainRestart } from "./peers/plain-restart.ts";
import { HOLD_SECONDS, PER_SECOND, runPeer, WARM_SECONDS } from "./peers/run-peer.ts";

const PEERS: readonly Peer[] = [flyballPeer, plainRestart, nginxPassive, haproxyChecks, dockerSwarm];

/** One run, as it is kept. */
interface KeptRun {
  readonly peer: string;
  readonly version: string;
  readonly fault: string;
  readonly figures: PeerFigures;
}

const ids = (all: readonly { readonly id: string }[]): readonly string[] => all.map(({ id }) => id);
const USAGE: BenchUsage = {
  file: "bench/faults/peers.ts",
  purpose: "What a fault of one of two replicas costs the clients, under Flyball and under others.",
  words: [{ name: "rounds", says: "of each fault under all peers at once, 70 s each; 1" }],
  options: {
    only: { value: "PEERS", says: `${ids(PEERS).join(",")}; all of them` },
    faults: { value: "FAULTS", says: `${ids(PEER_FAULTS).join(",")}; all of them` },
    keep: { value: "FILE", says: "adds the runs to those of this file, and prints all of them" },
  },
};
const wish = readCommandLine(USAGE, process.argv.slice(2), (line) => ({
  rounds: line.number("rounds", 1) ?? 1,
  peers: line.list("only", ids(PEERS)) ?? ids(PEERS),
  faults: line.list("faults", ids(PEER_FAULTS)) ?? ids(PEER_FAULTS),
  keep: line.text("keep"),
}));

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const cleanUp = createCleanUp(tell);
const folder = await mkdtemp(join(tmpdir(), "fbp-"));
cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
const runs: KeptRun[] = [];

interface ReadyPeer {
  readonly peer: Peer;
  readonly version: string;
}

const complain = ({ name }: Peer, error: unknown): void =>
  tell(`${name}: ${error instanceof Error ? error.message : String(error)}`);

/** All peers at once, each with an app of its own; what could not be run is told and left out. */
async function runFault(ready: readonly ReadyPeer[], fault: (typeof PEER_FAULTS)[number], turn: number): Promise<void> {
  tell(fault.name);
  const bench = { folder, cleanUp, tell };
  const started = await Promise.all(
    ready.map(({ peer, version }) =>
      peer.start(bench).then(
        (app) => [{ peer, version, app }],
        (error: unknown) => (complain(peer, error), []),
      ),
    ),
  );
  const apps = started.flat();
  await Promise.all(
    apps.map(async ({ peer, version, app }) => {
      try {
        const figures = await runPeer(bench, app, { fault, turn });
        const kept: KeptRun = { peer: peer.id, version, fault: fault.id, figures };
        runs.push(kept);
        if (wish.keep !== undefined) await appendFile(wish.keep, `${JSON.stringify(kept)}\n`);
      } catch (error) {
        complain(peer, error);
      }
    }),
  );
  await Promise.all(apps.map(({ peer, app }) => app.stop().catch((error: unknown) => complain(peer, error))));
}

async function allRuns(): Promise<readonly KeptRun[]> {
  if (wish.keep === undefined) return runs;
  const lines = (await readFile(wish.keep, "utf8").catch(() => "")).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as KeptRun);
}

const seconds = (ms: number | null): string =>
  ms === null ? `not in ${HOLD_SECONDS} s` : `${(ms / 1_000).toFixed(1)} s`;
const of = (some: readonly KeptRun[], text: (figures: PeerFigures) => string): string =>
  some.map(({ figures }) => text(figures)).join(" / ");

function rowOf(
  peer: Peer,
  fault: (typeof PEER_FAULTS)[number],
  all: readonly KeptRun[],
): readonly (readonly string[])[] {
  const some = all.filter((run) => run.peer === peer.id && run.fault === fault.id);
  if (some.length === 0) return [];
  return [
    [
      fault.name,
      peer.name,
      of(some, ({ failed, requests }) => `${failed} of ${requests}`),
      of(some, ({ late }) => String(late)),
      of(some, ({ trafficMs }) => seconds(trafficMs)),
      of(some, ({ capacityMs }) => seconds(capacityMs)),
      of(some, ({ p99Ms }) => `${Math.round(p99Ms)} ms`),
      of(some, ({ badBefore }) => String(badBefore)),
    ],
  ];
}

const absent: string[] = [];
const ready: ReadyPeer[] = [];
try {
  for (const peer of PEERS.filter(({ id }) => wish.peers.includes(id))) {
    const prepared = await peer.prepare();
    if ("absent" in prepared) absent.push(`${peer.name}: ${prepared.absent}`);
    else ready.push({ peer, version: prepared.version });
  }
  for (let round = 0; round < wish.rounds; round += 1) {
    for (const fault of PEER_FAULTS.filter(({ id }) => wish.faults.includes(id))) await runFault(ready, fault, round);
  }
} finally {
  await cleanUp.run();
}
const all = await allRuns();
console.log(
  `${PER_SECOND} requests a second, each once, with a limit of ${CLIENT_LIMIT_MS / 1_000} s; the fault of one of two replicas comes after ${WARM_SECONDS} s and lasts.
Failed: no 200. Late: a 200 after more than ${LATE_MS} ms (an answer takes 50). Traffic is well when at most 1 % of ${GOOD_WINDOW_MS / 1_000} s is either; capacity
when two replicas other than the victim serve. p99 is over the ${HOLD_SECONDS} s with the fault. Bad before: what was failed or late already.\n`,
);
printTable(
  ["fault", "under", "failed", "late", "traffic well after", "capacity back after", "p99", "bad before"],
  PEER_FAULTS.flatMap((fault) => PEERS.flatMap((peer) => rowOf(peer, fault, all))),
);
console.log("");
for (const peer of PEERS) {
  const version = all.find((run) => run.peer === peer.id)?.version;
  if (version !== undefined) console.log(`- ${peer.name} (${version}): ${peer.set}`);
}
for (const line of absent) console.log(`- not here: ${line}`);
console.log(`\n${describeMachine()}`);
