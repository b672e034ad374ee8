// A mirror of the keeper's processes, kept fresh by its events: what runs is known without asking, and an exit wakes who waits for it.
// It is as bounded as the keeper's own list.
import { FlyballError } from "@flyball/core";
import type { KeeperClient, KeeperEvent, KeptProcess } from "@flyball/wire";

const KEPT_EXITED = 1_000;

/** A process was started, or it exited. */
export type KeptEvent = Extract<KeeperEvent, { readonly event: "process-started" | "process-exited" }>;

/** The mirror. All but `ready` answer from memory. */
export interface KeptProcesses {
  /** Resolves when the mirror is filled; asks the keeper once. Rejects with FB_KEEPER_UNREACHABLE once the keeper is gone. */
  ready(signal: AbortSignal): Promise<void>;
  all(): readonly KeptProcess[];
  get(key: string): KeptProcess | undefined;
  /** Those of the tag that run. */
  running(tag: string): readonly KeptProcess[];
  /** The answer to a spawn, which may come before its event. */
  add(kept: KeptProcess): void;
  drop(key: string): void;
  /** Resolves when the process has exited or is unknown. Rejects with FB_KEEPER_UNREACHABLE when the keeper goes first. */
  untilExited(key: string, signal: AbortSignal): Promise<void>;
  /** Calls back for each event until the answer is called. */
  onEvent(listener: (event: KeptEvent) => void): () => void;
}

/** Creates an empty mirror; it fills at the first `ready`. */
export function mirrorKeptProcesses(keeper: KeeperClient, socketPath: string): KeptProcesses {
  const processes = new Map<string, KeptProcess>();
  const listeners = new Set<(event: KeptEvent) => void>();
  const closeListeners = new Set<() => void>();
  let watching: Promise<void> | undefined;
  let isClosed = false;
  const unreachable = (): FlyballError => new FlyballError("FB_KEEPER_UNREACHABLE", { path: socketPath });

  function put(kept: KeptProcess): void {
    const isStale = kept.state === "running" && processes.get(kept.key)?.state === "exited";
    if (!isStale) processes.set(kept.key, kept);
  }

  function onKeeperEvent(event: KeeperEvent): void {
    if (event.event === "system-changed") return;
    put(event.data);
    if (event.event === "process-exited") dropOldestExited(processes);
    for (const listener of listeners) listener(event);
  }

  async function watch(): Promise<void> {
    keeper.onEvent(onKeeperEvent);
    keeper.onClose(() => {
      isClosed = true;
      for (const listener of closeListeners) listener();
    });
    const answer = await keeper.call("watch", {});
    for (const kept of answer.processes) put(kept);
  }

  return {
    async ready(signal) {
      signal.throwIfAborted();
      watching ??= watch();
      await watching;
      signal.throwIfAborted();
      if (isClosed) throw unreachable();
    },
    all: () => [...processes.values()],
    get: (key) => processes.get(key),
    running: (tag) => [...processes.values()].filter((kept) => kept.tag === tag && kept.state === "running"),
    add: put,
    drop: (key) => void processes.delete(key),
    untilExited(key, signal) {
      return new Promise((resolve, reject) => {
        const finish = (end: () => void): void => {
          listeners.delete(look);
          closeListeners.delete(onClose);
          signal.removeEventListener("abort", onAbort);
          end();
        };
        const look = (): void => {
          if (processes.get(key)?.state !== "running") finish(resolve);
        };
        const onClose = (): void => finish(() => reject(unreachable()));
        const onAbort = (): void => finish(() => reject(signal.reason as Error));
        listeners.add(look);
        closeListeners.add(onClose);
        signal.addEventListener("abort", onAbort, { once: true });
        look();
        if (signal.aborted) onAbort();
        else if (isClosed) onClose();
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function dropOldestExited(processes: Map<string, KeptProcess>): void {
  const exited = [...processes.values()].filter((kept) => kept.state === "exited");
  for (const kept of exited.slice(0, Math.max(0, exited.length - KEPT_EXITED))) processes.delete(kept.key);
}
