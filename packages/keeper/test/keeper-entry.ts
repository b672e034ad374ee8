// A keeper as a process of its own, for tests: node keeper-entry.ts <state folder> <app> <clone> [foreground] [hasty]
// hasty: its timers run twenty times as fast.
import { stateLayout, systemClock, type Clock } from "@flyball/core";
import { runKeeper } from "../src/index.ts";

const [root = "", app = "", clone = "", ...modes] = process.argv.slice(2);
const hastyClock: Clock = { ...systemClock, after: (delayMs, run) => systemClock.after(delayMs / 20, run) };
try {
  await runKeeper({
    layout: stateLayout(root, app, clone),
    app,
    clone,
    version: "0.0.0-test",
    clock: modes.includes("hasty") ? hastyClock : systemClock,
    isForeground: modes.includes("foreground"),
  });
  process.stdout.write("ready\n");
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}
