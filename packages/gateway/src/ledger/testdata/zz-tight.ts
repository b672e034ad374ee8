import { createLedgerRig, ANSWERED, used, PRICE } from "./ledger-rig.ts";
import { createCallLedger } from "../call-ledger.ts";
import { createJournal } from "../journal.ts";
import { createUsageEstimator } from "../estimate-usage.ts";
import { createCallParty } from "../call-party.ts"; import { createCallTarget } from "../call-target.ts";
import { systemClock } from "@flyball/core";
import { createLogger } from "@flyball/telemetry";
const rig = createLedgerRig({ "key:k": { rates: [{ unit: "requests", limit: 1e15, windowMs: 60000 }, { unit: "tokens", limit: 1e15, windowMs: 60000 }], concurrency: 100000, budgets: [{ currency: "usd", microUnits: 1e15, per: "day" }] } });
const logger = createLogger({ clock: systemClock, level: "error", write: (l) => process.stderr.write(l) });
let bytes = 0;
const disk = { create: () => ({ append: (b: Buffer, o: number, done: any) => { bytes += b.length - o; setImmediate(done, null, b.length - o); }, close() {} }) };
const journal = createJournal({ disk, writer: "w", worker: 0, identity: { pid: 1, startTicks: 1, bootId: "b" }, clock: systemClock, logger });
const nullJournal = { reserve() {}, settle() {}, spend() {}, isFull: false } as any;
const which = process.argv[2] === "nojournal" ? nullJournal : journal;
const ledger = createCallLedger({ app: "shop", table: rig.table, memory: rig.memory, journal: which, estimator: createUsageEstimator(), clock: systemClock, onRecord: () => {} });
const limits = rig.limits("key:k");
const prices = [PRICE];
const party = createCallParty({ key: "k_1", tenant: "acme", route: "models", model: "chat", limits }); const start = createCallTarget({ backend: "chat/0", provider: "openai", providerModel: "gpt-5-mini", price: PRICE, limits: [] });
const usage = used(120, 300);
function one(n: number) {
  const opened = ledger.open({ requestId: "req_0123456789ab_" + n, time: Date.now(), party, inputBytes: 900, inputTokens: 900, outputTokens: 1000, prices });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  const a = ledger.startAttempt(opened.account, start);
  if (a.kind !== "started") throw new Error(a.kind);
  for (let i = 0; i < 5; i++) ledger.deliver(a.attempt, 40);
  ledger.reportUsage(a.attempt, usage);
  ledger.endAttempt(a.attempt, { outcome: "succeeded", isWorkDone: true });
  ledger.settle(opened.account, ANSWERED);
}
const demands = limits.map(({ counter, unit }) => ({ counter, amount: unit === "tokens" ? 1900 : unit === "usd" ? 2900 : 1 }));
function tableOnly() { const r = rig.table.reserve(demands, Date.now()); if (r.kind !== "reserved") throw new Error(); rig.table.settle(r.reservation, [1, 420, 1, 720], Date.now()); }
const ref = { request: "req_1", at: 1, subjects: { app: "shop", key: "k", tenant: "acme" }, a: [1, 2, 3], text: "hello world" };
async function measure(name: string, f: (n: number) => void, count: number) {
  for (let w = 0; w < 2; w++) {
    const c0 = process.cpuUsage();
    for (let i = 0; i < count; i += 50) { for (let j = 0; j < 50; j++) f(i + j); await new Promise((r) => setImmediate(r)); }
    await new Promise((r) => setTimeout(r, 30));
    const c = process.cpuUsage(c0);
    if (w === 1) console.log(name, ((c.user + c.system) / count).toFixed(2), "us");
  }
}
await measure("reference: stringify+parse small", () => { JSON.parse(JSON.stringify(ref)); }, 200000);
await measure("limit table alone", tableOnly, 200000);
await measure("whole call", one, 200000);
console.log(journal.stats);
