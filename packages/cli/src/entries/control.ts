// Control as a process: connects to the keeper that started it, takes the inherited socket of the API, and runs until the app ends.
import { flushCompileCache } from "node:module";
import { inspect } from "node:util";
import { systemClock } from "@flyball/core";
import { runControl } from "@flyball/control";
import { connectKeeper } from "@flyball/wire";
import { ENGINE_WRAPPER_VARIABLE } from "../drill/engine-wrapper.ts";
import { entryPoint } from "../entry-points.ts";
import { inheritedListener } from "./inherited-listener.ts";
import { loadChinese } from "./load-chinese.ts";
import { parseSystemArguments } from "./system-arguments.ts";

const { layout, app, clone, manifestPath } = parseSystemArguments(process.argv.slice(2));
// What the keeper told this very process is no business of those that it has started.
const {
  FLYBALL_LISTENERS: listeners,
  FLYBALL_GENERATION: generation,
  FLYBALL_INSTANCE: _tag,
  [ENGINE_WRAPPER_VARIABLE]: engineWrapper,
  ...environment
} = process.env;
const wrapper = JSON.parse(engineWrapper ?? "[]") as readonly string[];
const stopping = new AbortController();
for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => stopping.abort());

// When the keeper dies, nobody reads these any more; what is left to do then matters more than a line about it.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
// One that is killed leaves its compiled sources to the next; a process that ends writes them by itself.
setTimeout(flushCompileCache, 2_000).unref();

// Timers of the shared clock do not keep a process alive, and between two events there may be nothing else.
const stayAlive = setInterval(() => undefined, 60_000);
await runControl({
  layout,
  app,
  clone,
  manifestPath,
  keeper: await connectKeeper({ path: layout.keeperSocket, role: "control" }),
  generation: Number(generation ?? "0"),
  listener: inheritedListener(listeners, "control"),
  entryPoints: {
    gateway: [...entryPoint("gateway"), ...process.argv.slice(2)],
    engine: [...wrapper, ...entryPoint("engine")],
  },
  workingDirectory: layout.directory,
  environment,
  clock: systemClock,
  sayInChinese: loadChinese(),
  log: (message, details) => process.stderr.write(`${message}${details === undefined ? "" : ` ${inspect(details)}`}\n`),
  signal: stopping.signal,
});
clearInterval(stayAlive);
process.exit(0);
