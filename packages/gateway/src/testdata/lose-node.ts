// Loses one of two upstreams in the network namespace that this process runs in, as a machine is lost: packets to it and from it vanish. Prints what
// the clients of a real gateway saw, before, during and after.
//   node lose-node.ts <seconds away>
import { execFileSync } from "node:child_process";
import { createFakeUpstream } from "@flyball/fakes";
import { createRig } from "./gateway-process.ts";
import { endpoint, pool, route, snapshot } from "./snapshots.ts";
import { send } from "./test-client.ts";

const AWAY_MS = Number(process.argv[2]) * 1_000;
const PER_SECOND = 40;
/** What is sent so long after the loss counts. */
const SETTLED_MS = 3_000;
const SLOW_MS = 700;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const lost = await createFakeUpstream({ behaviour: { delayMs: 30, body: "lost" } });
const other = await createFakeUpstream({ behaviour: { delayMs: 30, body: "other" } });
const rig = await createRig({ workers: 2 });
const endpoints = [endpoint("web/0@1", lost.address.port), endpoint("web/1@1", other.address.port)];
rig.send(snapshot(1, { pools: [pool("web", endpoints)], routes: [route("all", "web")] }));
await rig.start().ready;

interface Asked {
  readonly sentAt: number;
  readonly tookMs: number;
  readonly status: number;
  readonly by: string;
}

/** So long, whatever becomes of them; times since the begin. */
async function askFor(ms: number): Promise<readonly Asked[]> {
  const from = performance.now();
  const asked: Promise<Asked>[] = [];
  while (performance.now() - from < ms) {
    const sentAt = performance.now() - from;
    const reply = send({ port: rig.port("public") }).catch(() => ({ status: 0, text: "" }));
    asked.push(
      reply.then(({ status, text }) => ({ sentAt, tookMs: performance.now() - from - sentAt, status, by: text })),
    );
    await pause(1_000 / PER_SECOND);
  }
  return Promise.all(asked);
}

const rules = ["--dport", "--sport"].map((side) => ["-p", "tcp", side, String(lost.address.port), "-j", "DROP"]);
const filter = (word: "-A" | "-D"): void => {
  for (const rule of rules) execFileSync("iptables", [word, "INPUT", ...rule]);
};

await askFor(6_000);
filter("-A");
const away = await askFor(AWAY_MS);
filter("-D");
const back = await askFor(16_000);
const shareOf = (from: number, to: number): number => {
  const some = back.filter(({ sentAt }) => sentAt >= from && sentAt < to);
  return some.filter(({ by }) => by === "lost").length / some.length;
};
const firstAt = back.find(({ by }) => by === "lost")?.sentAt;
console.log(
  JSON.stringify({
    failed: [...away, ...back].filter(({ status }) => status !== 200).length,
    slow: away.filter(({ sentAt, tookMs }) => sentAt > SETTLED_MS && tookMs > SLOW_MS).length,
    secondsAway: Math.round(AWAY_MS / 1_000),
    backAfterMs: firstAt === undefined ? null : Math.round(firstAt),
    shareAtFirst: firstAt === undefined ? null : shareOf(firstAt, firstAt + 2_000),
    shareAtLast: shareOf(13_000, 16_000),
  }),
);
await rig.dispose();
await lost.dispose();
await other.dispose();
process.exit(0);
