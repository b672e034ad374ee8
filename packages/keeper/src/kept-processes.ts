// The instances' processes, remembered with note and exit status until they are forgotten: a new control finds all of them again.
import type { Clock, ProcessIdentity } from "@flyball/core";
import * as wire from "@flyball/wire";

/** Beyond that many the oldest exited one is dropped. With the longest notes they still fit into one answer. */
const MAX_EXITED = 1_000;
const MAX_NOTE_CHARACTERS = 2_500;
/** The number of a process that exited longer ago may mean another by now. */
const ROOT_AGE_MS = 10_000;

/** The instances' processes. */
export interface KeptProcesses {
  spawn(request: wire.SpawnRequest): Promise<wire.KeptProcess>;
  signal(params: wire.KeeperMethods["signal"]["params"]): number;
  /** Where a sweep of the tag begins; exits count as requested from now on. */
  condemn(tag: string): ProcessIdentity[];
  list(): wire.KeptProcess[];
  forget(keys: readonly string[]): void;
  allExited(): Promise<unknown>;
}

interface Entry {
  kept: wire.KeptProcess;
  readonly child: wire.Child;
  isRequested: boolean;
}

/** Creates an empty set; `start` starts a process, `publish` tells those who watch. */
export function createKeptProcesses(
  clock: Clock,
  start: (request: wire.SpawnRequest) => Promise<wire.Child>,
  publish: (event: wire.KeeperEvent) => void,
): KeptProcesses {
  const entries = new Map<string, Entry>();
  // Control's store remembers keys, so they are unique over the lives of the keeper too.
  const life = Math.floor(clock.now() / 1_000).toString(36);
  let count = 0;
  const matching = (wanted: (kept: wire.KeptProcess) => boolean): Entry[] =>
    [...entries.values()].filter(({ kept }) => wanted(kept));
  const onExit = (entry: Entry, exit: Awaited<wire.Child["exited"]>): void => {
    entry.kept = { ...entry.kept, state: "exited", exit: { ...exit, wasRequested: entry.isRequested } };
    publish({ event: "process-exited", data: entry.kept });
    const [oldest, ...others] = matching(({ state }) => state === "exited");
    if (oldest && others.length >= MAX_EXITED) entries.delete(oldest.kept.key);
  };
  return {
    async spawn(request) {
      const { tag, note } = request;
      if (JSON.stringify(note).length > MAX_NOTE_CHARACTERS) throw wire.keeperFailed("spawn", "the note is too long");
      const child = await start(request);
      const { identity, startedAt } = child;
      const key = `${tag}#${life}.${(count += 1)}`;
      const kept: wire.KeptProcess = { key, tag, identity, state: "running", startedAt, note };
      const entry: Entry = { kept, child, isRequested: false };
      entries.set(key, entry);
      publish({ event: "process-started", data: kept });
      void child.exited.then((exit) => onExit(entry, exit));
      return kept;
    },
    signal({ tag = "", key, signal }) {
      const wanted = matching(
        (kept) => kept.state === "running" && (kept.key === key || wire.matchesTag(tag, kept.tag)),
      );
      for (const entry of wanted) entry.isRequested = true;
      return wanted.filter(({ child }) => child.signal(signal, "group")).length;
    },
    condemn(tag) {
      const oldest = clock.now() - ROOT_AGE_MS;
      const condemned = matching(({ tag: seen, exit }) => wire.matchesTag(tag, seen) && (exit?.at ?? oldest) >= oldest);
      for (const entry of condemned) entry.isRequested = true;
      return condemned.map(({ kept }) => kept.identity);
    },
    list: () => [...entries.values()].map(({ kept }) => kept),
    forget(keys) {
      for (const key of keys) if (entries.get(key)?.kept.state === "exited") entries.delete(key);
    },
    allExited: () => Promise.all([...entries.values()].map(({ child }) => child.exited)),
  };
}
