// The keeper: the one process of an app that lives from `up` to `down`. It decides nothing but this: while the app lives, control and the
// gateway run; when it ends, nothing does. README.md says why it is so small.
import { appTag, type Clock, type StateLayout } from "@flyball/core";
import * as wire from "@flyball/wire";
import { createEnding, type Ending } from "./ending.ts";
import { createKeptProcesses } from "./kept-processes.ts";
import { createLauncher } from "./launcher.ts";
import { createSystemProcesses } from "./system-processes.ts";

/** Which app, and where. */
export interface KeeperOptions {
  readonly layout: StateLayout;
  readonly app: string;
  readonly clone: string;
  /** Of the program; told in `hello`. */
  readonly version: string;
  readonly clock: Clock;
  /** The app ends with the command that started it: the keeper ends when no owner has come within 10 s. */
  readonly isForeground: boolean;
}

const OWNER_LIMIT_MS = 10_000;

/** Runs until the app ends, then exits with 0. Resolves once it answers; FB_KEEPER_RUNNING when another does. */
export async function runKeeper(options: KeeperOptions): Promise<void> {
  const { layout, app, clone, version, clock, isForeground } = options;
  const prefix = `${appTag(app, clone)}/`;
  const logFiles = wire.createLogFiles(layout, clock);
  const log = logFiles.write;
  const secrets = wire.createSecretValues();
  const listeners = wire.createBoundListeners();
  const leftovers = Promise.withResolvers<unknown>();
  let server: wire.KeeperServer | undefined;
  const gate = async (): Promise<void> => {
    await leftovers.promise;
    if (ending.hasBegun()) throw wire.keeperFailed("start", "the app is ending");
  };
  const publish = (event: wire.KeeperEvent): void => server?.publish(event);
  const { spawn, startGeneration } = createLauncher({ app, clone, clock, secrets, listeners, logFiles, gate });
  const kept = createKeptProcesses(clock, spawn, publish);
  const system = createSystemProcesses({ clock, startGeneration, publish, log });
  const sweep = (tag: string): Promise<wire.SweepResult> =>
    wire.sweepTaggedProcesses({ tag: wire.checkTag(prefix, tag), roots: kept.condemn(tag) });
  const leave = async (): Promise<void> => {
    for (const part of [logFiles, server]) await part?.close().catch(() => {}); // a closed connection says: all is written
    process.exit(0);
  };
  const ending = createEnding({ clock, kept, system, prefix, sweep, log, leave: () => void leave() });
  const ownerHasCome = isForeground ? clock.after(OWNER_LIMIT_MS, () => ending.inOrder("no owner came")) : undefined;
  const onOwner = (isHere: boolean): void => (isHere ? ownerHasCome?.() : ending.inOrder("its owner is gone"));
  const about = { app, clone, version, pid: process.pid, startedAt: clock.now(), bootId: wire.readBootId() };
  const handlers: wire.KeeperHandlers = {
    "secrets-put": ({ values }) => secrets.put(values),
    "secrets-get": ({ names }) => ({ values: secrets.get(names) }),
    bind: listeners.bind,
    unbind: ({ id }) => listeners.unbind(id),
    listeners: () => ({ listeners: listeners.list() }),
    spawn: kept.spawn,
    signal: (params) => ({ signalled: kept.signal(params) }),
    sweep: ({ tag }) => sweep(tag),
    list: () => ({ processes: kept.list() }),
    watch: () => ({ processes: kept.list() }),
    forget: ({ keys }) => kept.forget(keys),
    "system-start": (request) => system.start(listeners.check(request)),
    "system-list": () => ({ processes: system.list() }),
    ready: ({ name, generation }) => system.ready(name, generation),
    shutdown: ({ graceMs }) => ending.now(graceMs),
  };
  server = await wire.serveKeeper({ path: layout.keeperSocket, about, handlers, onOwner });
  guardProcess(log, ending);
  log(`keeper ${version} of ${prefix} answers, pid ${process.pid}`);
  // What an earlier keeper left when it died. Nothing is started before it is gone.
  leftovers.resolve(await wire.sweepTaggedProcesses({ tag: prefix }));
}

/** A signal ends the app, the same one again at once; an error that nobody caught is written down and ends nothing. */
function guardProcess(log: (text: string) => void, ending: Ending): void {
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"]) {
    process.once(name, () => process.on(name, () => void ending.now(0)));
    process.on(name, () => ending.inOrder(name));
  }
  for (const name of ["uncaughtException", "unhandledRejection"]) {
    process.on(name, (error: Error) => log(`${name}: ${error?.stack ?? error}`.replaceAll("\n", " ")));
  }
}
