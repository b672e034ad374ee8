// How an app ends: in order, by control, while there is one and it takes its time; else by the keeper, at once. Both end in a sweep.
import { sleep, type Clock } from "@flyball/core";
import type { SweepResult } from "@flyball/wire";
import type { KeptProcesses } from "./kept-processes.ts";
import type { SystemProcesses } from "./system-processes.ts";

/** The end of the app. Each happens once. */
export interface Ending {
  /** SIGTERM to all, SIGKILL for what is left after the grace; asked again with 0, at once. */
  now(graceMs: number): Promise<SweepResult>;
  /** SIGTERM to control, which stops the app and then asks for `now`; when it does not within 30 s, `now`. */
  inOrder(reason: string): void;
  /** Whether `now` has begun. */
  hasBegun(): boolean;
}

const CONTROL_LIMIT_MS = 30_000;
const FORCED_GRACE_MS = 5_000;

/** Creates the ending; `leave` is called when nothing of the app is left and the answer to who asked is on its way. */
export function createEnding(options: {
  readonly clock: Clock;
  readonly kept: KeptProcesses;
  readonly system: SystemProcesses;
  readonly prefix: string;
  readonly sweep: (tag: string) => Promise<SweepResult>;
  readonly log: (text: string) => void;
  readonly leave: () => void;
}): Ending {
  const { clock, kept, system, prefix, log } = options;
  const hurry = Promise.withResolvers<void>();
  let end: Promise<SweepResult> | undefined;
  let ordered: Promise<SweepResult> | undefined;
  const run = async (graceMs: number): Promise<SweepResult> => {
    const allExited = Promise.all([system.end(), kept.allExited()]);
    kept.signal({ tag: prefix, signal: "SIGTERM" });
    await Promise.race([allExited, sleep(clock, graceMs), hurry.promise]);
    const swept = await options.sweep(prefix);
    log(`ended; had to be killed: ${swept.killed.length}, left: ${swept.left.join(" ") || "none"}`);
    setImmediate(options.leave);
    return swept;
  };
  const now = (graceMs: number): Promise<SweepResult> => {
    if (graceMs === 0) hurry.resolve();
    return (end ??= run(graceMs));
  };
  const inOrder = async (reason: string): Promise<SweepResult> => {
    log(`ending: ${reason}`);
    const controlExited = system.end("control");
    await Promise.race([controlExited, controlExited && sleep(clock, CONTROL_LIMIT_MS)]);
    return now(FORCED_GRACE_MS);
  };
  return { now, inOrder: (reason) => void (ordered ??= inOrder(reason)), hasBegun: () => end !== undefined };
}
