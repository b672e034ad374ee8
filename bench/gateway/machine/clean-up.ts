// Whatever a run starts (processes, apps, folders) is ended when the run ends, fails or is interrupted: last started, first ended.

/** What is still to be ended. */
export interface CleanUp {
  /** Throws when everything is being ended: nothing may be started any more. Called just before a start. */
  requireOpen(): void;
  /** Remembers how to end something; the answer ends it now, once. */
  defer(end: () => Promise<void>): () => Promise<void>;
  /** Ends everything that is left. A failure is told and does not keep the rest from being ended. */
  run(): Promise<void>;
}

/** Creates a clean-up that also runs on SIGINT, SIGTERM and SIGHUP; the program then ends with 130. */
export function createCleanUp(tell: (line: string) => void): CleanUp {
  const pending: (() => Promise<void>)[] = [];
  let ending: Promise<void> | undefined;
  let isInterrupted = false;
  const endAll = async (): Promise<void> => {
    for (let end = pending.pop(); end !== undefined; end = pending.pop()) {
      await end().catch((error: unknown) =>
        tell(`clean-up: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  };
  const run = (): Promise<void> => (ending ??= endAll());
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (isInterrupted) return;
      isInterrupted = true;
      tell(`${name}: ending what was started`);
      void run().then(() => process.exit(130));
    });
  }
  return {
    requireOpen() {
      if (ending !== undefined) throw new Error("the bench is ending");
    },
    defer(end) {
      let ended: Promise<void> | undefined;
      const once = (): Promise<void> => (ended ??= end());
      pending.push(once);
      return () => {
        const index = pending.indexOf(once);
        if (index >= 0) pending.splice(index, 1);
        return once();
      };
    },
    run,
  };
}
