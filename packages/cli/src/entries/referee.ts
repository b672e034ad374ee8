// The referee of a drill as a process: forked by `flyball drill run`, with the injectors and the process table of this machine.
import { systemClock, type ProcessIdentity } from "@flyball/core";
import {
  createCompoundInjector,
  createNetworkInjector,
  createPressureInjector,
  createProxyInjector,
  createSignalInjector,
  runReferee,
  type Injector,
  type RefereeCall,
} from "@flyball/drill";
import { findTaggedProcesses, readProcessIdentity } from "@flyball/wire";
import { entryPoint } from "../entry-points.ts";

// Ctrl-C in a terminal reaches the command, which says what is to be done.
for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => undefined);

await runReferee(
  {
    send: (word) => void (process.connected && process.send?.(word)),
    onCall: (listener) => void process.on("message", (call) => listener(call as RefereeCall)),
    onClose: (listener) => void process.on("disconnect", listener),
  },
  {
    injectors: makeInjectors,
    processesOf: async (tag) => (await findTaggedProcesses({ tag })).flatMap(({ stat }) => identityOf(stat.pid) ?? []),
    processWith: identityOf,
  },
);
if (process.connected) process.disconnect();

function makeInjectors(own: readonly Injector[], folder: string): readonly Injector[] {
  const context = { clock: systemClock, folder, leaseKeeper: entryPoint("lease-keeper") };
  const injectors = [
    createSignalInjector(context),
    createProxyInjector(context),
    createNetworkInjector(context),
    createPressureInjector(context),
    ...own,
  ];
  return [...injectors, createCompoundInjector({ clock: systemClock, injectors })];
}

function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    return readProcessIdentity(pid);
  } catch {
    return undefined;
  }
}
