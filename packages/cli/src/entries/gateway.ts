// A gateway as a process: secrets come from the keeper, sockets are inherited, SIGTERM drains, the keeper's end ends it.
import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { parseInheritedListeners, startGateway } from "@flyball/gateway";
import { connectKeeper } from "@flyball/wire";
import { gatewayWorkerFile } from "../entry-points.ts";
import { parseSystemArguments } from "./system-arguments.ts";

// When the keeper dies, nobody reads these any more.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
// One that is killed leaves its compiled sources to the next; a process that ends writes them by itself.
setTimeout(flushCompileCache, 2_000).unref();

// The room for young objects that the command line gives this thread is not meant for the workers: it would stand over their own bound.
setFlagsFromString("--max-semi-space-size=0");

const { layout } = parseSystemArguments(process.argv.slice(2));
const generation = Number(process.env["FLYBALL_GENERATION"] ?? "0");
const keeperGone = new AbortController();
const keeper = await connectKeeper({ path: layout.keeperSocket, role: "gateway" });
keeper.onClose(() => keeperGone.abort());

const gateway = await startGateway({
  layout,
  listeners: parseInheritedListeners(process.env["FLYBALL_LISTENERS"]),
  workers: Number(process.env["FLYBALL_WORKERS"] ?? "1"),
  generation,
  workerEntry: gatewayWorkerFile(),
  readSecrets: async (names) => (await keeper.call("secrets-get", { names })).values,
  onReady: () => void keeper.call("ready", { name: "gateway", generation }).catch(() => undefined),
  signal: keeperGone.signal,
});
for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => void gateway.drain());
const how = await gateway.ended;
process.exit(how === "failed" ? 1 : 0);
