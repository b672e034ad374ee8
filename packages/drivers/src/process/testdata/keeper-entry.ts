// Runs the real keeper for tests: state root, app and clone as arguments; prints a line once it answers.
import { stateLayout, systemClock } from "@flyball/core";
import { runKeeper } from "@flyball/keeper";

const [root = "", app = "", clone = ""] = process.argv.slice(2);
const layout = stateLayout(root, app, clone);
await runKeeper({ layout, app, clone, version: "test", clock: systemClock, isForeground: true });
process.stdout.write("ready\n");
