// One fault under one peer: load, the fault in the middle of it, and the judgement.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Bench } from "../../gateway/bench.ts";
import { judgePeerRun, type PeerFigures } from "./judge-peer-run.ts";
import type { LoadRecord } from "./load-record.ts";
import type { PeerFault } from "./peer-fault.ts";
import type { LoadTarget, Replica, RunningPeer } from "./peer.ts";

/** Requests a second, seconds before the fault and with it. */
export const PER_SECOND = 50;
export const WARM_SECONDS = 10;
export const HOLD_SECONDS = 36;

/** Loads the app and makes one of its replicas ill in the middle of it. */
export async function runPeer(
  bench: Bench,
  app: RunningPeer,
  { fault, turn }: { readonly fault: PeerFault; readonly turn: number },
): Promise<PeerFigures> {
  const load = startLoad(bench, app.target);
  await delay(WARM_SECONDS * 1_000);
  const replicas = await app.replicas();
  const victim = replicas[turn % Math.max(1, replicas.length)];
  if (replicas.length !== 2 || victim === undefined) throw new Error(`${replicas.length} replicas instead of two`);
  const faultAt = makeIll(victim, fault);
  const records = await load;
  return judgePeerRun({ records, faultAt, endAt: faultAt + HOLD_SECONDS * 1_000, victim: victim.says });
}

function makeIll({ pid }: Replica, { signal }: PeerFault): number {
  const at = Date.now();
  process.kill(pid, signal);
  return at;
}

async function startLoad(bench: Bench, target: LoadTarget): Promise<readonly LoadRecord[]> {
  bench.cleanUp.requireOpen();
  const file = fileURLToPath(new URL("./send-load.ts", import.meta.url));
  const line = [
    process.execPath,
    file,
    String(PER_SECOND),
    String(WARM_SECONDS + HOLD_SECONDS + 1),
    JSON.stringify(target),
  ];
  const [program = "", ...words] =
    target.kind === "names" ? ["nsenter", `--net=/proc/${target.networkOf}/ns/net`, ...line] : line;
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  const end = bench.cleanUp.defer(async () => void child.kill("SIGKILL"));
  const exited = once(child, "exit");
  const records: LoadRecord[] = [];
  for await (const text of createInterface({ input: child.stdout })) records.push(JSON.parse(text) as LoadRecord);
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`the clients ended with ${String(code)}`);
  await end();
  return records;
}
