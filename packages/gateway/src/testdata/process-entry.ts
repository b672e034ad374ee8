// A gateway process for tests: what the command line's entry is in production. Says `ready` and how it ended on stdout. SIGUSR2 plays
// the keeper's end, SIGHUP a defect in the first worker; stdin takes commands.
import { BroadcastChannel, type Worker } from "node:worker_threads";
import { parseInheritedListeners, startGateway } from "../index.ts";
import { answerCommands } from "./process-commands.ts";

const environment = process.env;
const keeper = new AbortController();
const threads = new Set<Worker>();
process.on("worker", (thread) => {
  threads.add(thread);
  thread.once("exit", () => threads.delete(thread));
});
answerCommands(threads);
const gateway = await startGateway({
  layout: {
    snapshotFile: environment["TEST_SNAPSHOT_FILE"] ?? "",
    linkSocket: environment["TEST_LINK_SOCKET"] ?? "",
    journalFolder: environment["TEST_JOURNAL_FOLDER"] ?? "",
  },
  listeners: parseInheritedListeners(environment["FLYBALL_LISTENERS"]),
  workers: Number(environment["TEST_WORKERS"] ?? 1),
  generation: Number(environment["FLYBALL_GENERATION"] ?? 1),
  workerEntry: new URL("./worker-entry.ts", import.meta.url),
  readSecrets: (names) => {
    const all = JSON.parse(environment["TEST_SECRETS"] ?? "{}") as Record<string, string>;
    return Promise.resolve(
      Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))),
    );
  },
  onReady: () => process.stdout.write("ready\n"),
  drainLimitMs: Number(environment["TEST_DRAIN_MS"] ?? 5_000),
  signal: keeper.signal,
  // Most upstreams of tests are no engines, and count what they are asked.
  scrapesEngines: environment["TEST_SCRAPES"] === "1",
});
process.on("SIGTERM", () => void gateway.drain());
process.on("SIGUSR2", () => keeper.abort());
process.on("SIGHUP", () => new BroadcastChannel("crash").postMessage("now"));
const how = await gateway.ended;
process.stdout.write(`ended ${how}\n`);
process.exit(how === "failed" ? 1 : 0);
