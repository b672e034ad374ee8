// A keeper as a process of its own, for tests: node keeper-entry.ts <state folder> <app> <clone> [foreground]
import { stateLayout, systemClock } from "@flyball/core";
import { runKeeper } from "../src/index.ts";

const [root = "", app = "", clone = "", mode] = process.argv.slice(2);
try {
  const layout = stateLayout(root, app, clone);
  await runKeeper({
    layout,
    app,
    clone,
    version: "0.0.0-test",
    clock: systemClock,
    isForeground: mode === "foreground",
  });
  process.stdout.write("ready\n");
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}
