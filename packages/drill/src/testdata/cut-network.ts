// Cuts a victim off in the network namespace that this process runs in, in every way, and says what a client saw.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { systemClock } from "@flyball/core";
import { createNetworkInjector } from "../inject/network-injector.ts";
import { listChains } from "../inject/packet-filter.ts";
import { readRecord, writeRecord } from "../inject/fault-record.ts";
import { sweepFaults } from "../inject/sweep-faults.ts";
import type { InjectionOrder, Victim } from "../injector.ts";
import { leaseKeeperCommand } from "./lease-keeper-command.ts";
import { startTarget } from "./start-target.ts";
import { until } from "./until.ts";

const folder = process.argv[2]!;
const target = await startTarget();
const other = await startTarget();
const injector = createNetworkInjector({ clock: systemClock, folder, leaseKeeper: leaseKeeperCommand() });

const orderOf = (direction: "in" | "out" | "both", method: "drop" | "reject"): InjectionOrder => ({
  fault: "partition",
  injection: { kind: "network", direction, method },
  leaseMs: 60_000,
});

async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(700), headers: { connection: "close" } });
    return await response.text();
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return cause?.code ?? name;
  }
}

async function under(order: InjectionOrder): Promise<string> {
  const fault = await injector.inject(order, target.victim, new AbortController().signal);
  const seen = await ask(target.url);
  await fault.undo();
  return seen;
}

/** A drill of its own that is killed while the fault is in force. */
async function leaveBehind(victim: Victim): Promise<void> {
  const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
  const words = [join(import.meta.dirname, "drill-process.ts"), folder, JSON.stringify(orderOf("both", "drop")), JSON.stringify(victim)];
  const drill = spawn(process.execPath, [...flags, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  await once(drill.stdout, "data");
  drill.kill("SIGKILL");
  await once(drill, "exit");
}

const before = await ask(target.url);
const whyNot = (await injector.whyNot(orderOf("in", "drop"), target.victim)) ?? null;
const cut = await injector.inject(orderOf("in", "drop"), target.victim, new AbortController().signal);
const droppedIn = await ask(target.url);
const reachable = await ask(other.url);
await cut.undo();
const droppedOut = await under(orderOf("out", "drop"));
const rejected = await under(orderOf("both", "reject"));
const undone = await ask(target.url);
const chainsAfterUndo = await listChains("iptables");

await leaveBehind(target.victim);
await until(async () => (await listChains("iptables")).length === 0);
const afterDeath = await ask(target.url);

// What a drill and its lease keeper leave that are both killed: the chain and its record.
const last = await injector.inject(orderOf("both", "drop"), target.victim, new AbortController().signal);
const [chain = ""] = await listChains("iptables");
const left = await readRecord(join(folder, `partition-${chain.split("-").at(-1)}.json`));
await last.undo();
execFileSync("iptables", ["-N", chain]);
execFileSync("iptables", ["-A", chain, "-p", "tcp", "--dport", new URL(target.url).port, "-j", "DROP"]);
execFileSync("iptables", ["-I", "INPUT", "1", "-m", "comment", "--comment", chain, "-j", chain]);
await writeRecord(folder, { ...left!, owner: { ...left!.owner, startTicks: 1 } });
const swept = await sweepFaults(folder, Date.now());
const afterSweep = await ask(target.url);

console.log(
  JSON.stringify({
    before,
    whyNot,
    droppedIn,
    other: reachable,
    droppedOut,
    rejected,
    undone,
    chainsAfterUndo,
    afterDeath,
    afterSweep,
    swept: swept.map(({ fault }) => fault),
    chainsAtLast: await listChains("iptables"),
    rulesAtLast: execFileSync("iptables", ["-S"], { encoding: "utf8" }).trim().split("\n"),
  }),
);
await target[Symbol.asyncDispose]();
await other[Symbol.asyncDispose]();
process.exit(0);
