// A keeper in memory whose answers a test holds back, for orders of events that a real one shows only by chance.
import type { KeeperClient, KeeperEvent, KeeperMethods, KeptProcess, SpawnRequest } from "@flyball/wire";

/** The client's side, with what a test needs beside it. */
export interface ScriptedKeeper extends KeeperClient {
  /** `spawn`, `sweep` and so on, in the order of the calls. */
  readonly calls: readonly string[];
  /** Called before each answer; the answer waits for it. */
  before: (method: string) => Promise<void>;
  /** Signals end nothing. */
  isDeaf: boolean;
}

/** A signal ends the process at once, unless the keeper is deaf; a sweep finds nothing. */
export function createScriptedKeeper(app: string, clone: string): ScriptedKeeper {
  const processes = new Map<string, KeptProcess>();
  const listeners: ((event: KeeperEvent) => void)[] = [];
  const calls: string[] = [];
  const publish = (event: KeeperEvent): void => listeners.forEach((listener) => listener(event));

  function spawn({ tag, note }: SpawnRequest): KeptProcess {
    const identity = { pid: 900_000 + processes.size, startTicks: 1, bootId: "none" };
    const kept: KeptProcess = { key: `${tag}#t.${processes.size}`, tag, identity, state: "running", startedAt: 1, note };
    processes.set(kept.key, kept);
    publish({ event: "process-started", data: kept });
    return kept;
  }

  function exit(key: string): void {
    const kept = processes.get(key);
    if (kept?.state !== "running") return;
    const data: KeptProcess = { ...kept, state: "exited", exit: { code: 0, signal: null, at: 2, wasRequested: true } };
    processes.set(key, data);
    publish({ event: "process-exited", data });
  }

  function answer(method: string, params: unknown): unknown {
    if (method === "watch") return { processes: [...processes.values()] };
    if (method === "spawn") return spawn(params as SpawnRequest);
    if (method === "signal" && !keeper.isDeaf) exit((params as { key: string }).key);
    if (method === "sweep") return { killed: [] };
    return {};
  }

  const keeper: ScriptedKeeper = {
    keeper: { protocol: "", app, clone, pid: 1, startedAt: 0, bootId: "none", version: "test" },
    calls,
    before: async () => {},
    isDeaf: false,
    async call(method, params) {
      calls.push(method);
      await keeper.before(method);
      return answer(method, params) as KeeperMethods[typeof method]["result"];
    },
    onEvent: (listener) => void listeners.push(listener),
    onClose: () => {},
    close: () => {},
  };
  return keeper;
}
