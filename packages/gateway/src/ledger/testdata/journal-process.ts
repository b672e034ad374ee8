// A process that makes calls and writes its journal until it is killed. Arguments: folder, writer.
import { systemClock } from "@flyball/core";
import { createLogger } from "@flyball/telemetry";
import { createCallIds } from "../call-ids.ts";
import { createCallLedger } from "../call-ledger.ts";
import { createCallTarget } from "../call-target.ts";
import { createUsageEstimator } from "../estimate-usage.ts";
import { createJournalDisk } from "../journal-disk.ts";
import { createJournal } from "../journal.ts";
import { ANSWERED, createLedgerRig, PRICE, used } from "./ledger-rig.ts";

const [, , folder = "", writer = ""] = process.argv;
const KEY = {
  "key:k": {
    rates: [{ unit: "tokens", limit: 1e12, windowMs: 60_000 }],
    concurrency: 10_000,
    budgets: [{ currency: "usd", microUnits: 1e12, per: "day" }],
  },
} as const;
const limits = createLedgerRig(KEY);
const logger = createLogger({ clock: systemClock, level: "error", write: (line) => void process.stderr.write(line) });
const journal = createJournal({
  disk: createJournalDisk(folder),
  writer,
  worker: 0,
  identity: { pid: process.pid, startTicks: 0, bootId: "" },
  clock: systemClock,
  logger,
  rotateBytes: 200_000,
});
const { table, memory } = limits;
const estimator = createUsageEstimator();
const ledger = createCallLedger({
  app: "shop",
  table,
  memory,
  journal,
  estimator,
  ids: createCallIds(),
  clock: systemClock,
});
const target = createCallTarget({ backend: "chat/0", provider: "p", providerModel: "m", price: PRICE, limits: [] });
const open: (() => void)[] = [];
let number = 0;

/** Two hundred calls are open at all times; each turn ends some and begins as many. */
function turn(): void {
  while (open.length < 200) {
    number += 1;
    const outcome = ledger.open(limits.call({ requestId: "one-for-all" }));
    if (outcome.kind !== "opened") throw new Error(outcome.kind);
    const { account } = outcome;
    const started = ledger.startAttempt(account, target);
    if (started.kind !== "started") throw new Error(started.kind);
    const output = number % 500;
    open.push(() => {
      ledger.reportUsage(started.attempt, used(100, output));
      ledger.settle(account, ANSWERED);
    });
  }
  open.splice(0, 20).forEach((end) => end());
  if (number > 2_000) process.stdout.write(".");
  setImmediate(turn);
}
turn();
