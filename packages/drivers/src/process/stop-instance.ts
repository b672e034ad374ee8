// Stops one instance so that nothing of it is left: its signal to the whole process group, time to finish, then SIGKILL for everything
// that carries its tag, grandchildren with a session of their own included.
import { FlyballError, sleep } from "@flyball/core";
import type { KeptProcess } from "@flyball/wire";
import { removeFiles } from "./instance-files.ts";
import { readInstanceNote } from "./instance-note.ts";
import type { ProcessContext } from "./process-context.ts";
import { checkTag } from "./run-command.ts";
import { hasSessionMembers } from "./session-members.ts";

/** How long a process may take to vanish after SIGKILL. */
const KILL_WAIT_MS = 5_000;
/** How often the rest of a process group is looked at, once its leader has exited. */
const LOOK_MS = 25;

/** How to stop. */
export interface StopOptions {
  readonly graceMs: number;
  readonly stopSignal: string;
}

/** Resolves when all is gone; at once for an unknown handle. FB_DRIVER_STOP_FAILED when the kernel does not let it go. */
export async function stopInstance(
  context: ProcessContext,
  handle: string,
  options: StopOptions,
  signal: AbortSignal,
): Promise<void> {
  const known = context.kept.get(handle);
  if (!known) return;
  await context.tagLock.run(known.tag, async () => {
    signal.throwIfAborted();
    const process = context.kept.get(handle);
    if (!process) return;
    if (process.state === "running") await askToStop(context, process, options, signal);
    // The tag may belong to a later life of the ordinal by now; an exited instance has nothing left beside it then.
    if (context.kept.running(process.tag).some((other) => other.key !== handle)) return;
    await context.keeper.call("sweep", { tag: process.tag }, signal);
    await untilGone(context, process, signal);
    const note = readInstanceNote(process.note);
    if (!note) return;
    await context.keeper.call("sweep", { tag: checkTag(context, note) }, signal);
    context.unwrittenRecords.delete(process.tag);
    await removeFiles(context.layout, note);
  });
}

/** Waits for the leader and for the rest of its session: npm and shells often leave before the program that they started has finished. */
async function askToStop(
  { keeper, kept, clock, procRoot }: ProcessContext,
  process: KeptProcess,
  { stopSignal, graceMs }: StopOptions,
  signal: AbortSignal,
): Promise<void> {
  await keeper.call("signal", { key: process.key, signal: stopSignal }, signal);
  const grace = new AbortController();
  const cancel = clock.after(graceMs, () => grace.abort(new Error("the grace is over")));
  const patience = AbortSignal.any([signal, grace.signal]);
  try {
    await kept.untilExited(process.key, patience);
    while (await hasSessionMembers(procRoot, process.identity.pid)) await sleep(clock, LOOK_MS, patience);
  } catch (error) {
    if (signal.aborted || !grace.signal.aborted) throw error;
  } finally {
    cancel();
  }
}

async function untilGone({ kept, clock }: ProcessContext, process: KeptProcess, signal: AbortSignal): Promise<void> {
  const limit = new AbortController();
  const failure = new FlyballError("FB_DRIVER_STOP_FAILED", { instance: process.tag, waitedMs: KILL_WAIT_MS });
  const cancel = clock.after(KILL_WAIT_MS, () => limit.abort(failure));
  try {
    await kept.untilExited(process.key, AbortSignal.any([signal, limit.signal]));
  } finally {
    cancel();
  }
}
