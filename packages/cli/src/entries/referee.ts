// The referee of a drill as a process: forked by `flyball drill run`, with the injectors and the process table of this machine.
import { systemClock, type ProcessIdentity } from "@flyball/core";
import { askProxy, createInjectors, runReferee, type RefereeCall } from "@flyball/drill";
import { findTaggedProcesses, readProcessIdentity } from "@flyball/wire";
import { entryPoint } from "../entry-points.ts";

/** A proxy that was stopped, or starved, answers late or not at all. */
const PROXY_LIMIT_MS = 1_000;

// Ctrl-C in a terminal reaches the command, which says what is to be done.
for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => undefined);

await runReferee(
  {
    send: (word) => void (process.connected && process.send?.(word)),
    onCall: (listener) => void process.on("message", (call) => listener(call as RefereeCall)),
    onClose: (listener) => void process.on("disconnect", listener),
  },
  {
    injectors: (own, folder) =>
      createInjectors({ clock: systemClock, folder, leaseKeeper: entryPoint("lease-keeper") }, own),
    processesOf: async (tag) => (await findTaggedProcesses({ tag })).flatMap(({ stat }) => identityOf(stat.pid) ?? []),
    processWith: identityOf,
    arrivalsAt: (socket) =>
      askProxy(socket, "status", AbortSignal.timeout(PROXY_LIMIT_MS)).then(
        ({ arrived }) => arrived,
        () => undefined,
      ),
  },
);
if (process.connected) process.disconnect();

function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    return readProcessIdentity(pid);
  } catch {
    return undefined;
  }
}
