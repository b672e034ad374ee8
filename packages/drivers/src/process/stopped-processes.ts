// Whether an instance stands still because a signal (SIGSTOP, SIGTSTP) has stopped it: such a process cannot answer, whatever it is given to do, so
// nobody has to wait and see. One that is slowed down by stopping and continuing it (cpulimit) is stopped at half of all looks; it runs in between,
// and its processor time says so. One that a debugger holds is in another state and is left to whoever debugs it.
import { sleep } from "@flyball/core";
import { readSession } from "./session-members.ts";
import type { ProcessContext } from "./process-context.ts";

const STOPPED = "T";
/** Between two looks; what is stopped and continued to slow it down changes several times in it. */
const BETWEEN_LOOKS_MS = 200;

/** Which processes there are, and where to look. */
export interface StoppedContext extends Pick<ProcessContext, "procRoot" | "clock"> {
  readonly kept: Pick<ProcessContext["kept"], "get">;
}

/** See `KnowsStopped`. An instance that has exited is not stopped. */
export async function isStopped(
  { kept, procRoot, clock }: StoppedContext,
  handle: string,
  signal: AbortSignal,
): Promise<boolean> {
  const process = kept.get(handle);
  if (process?.state !== "running") return false;
  const session = process.identity.pid;
  const first = await stoppedOf(procRoot, session);
  if (first.size === 0) return false;
  await sleep(clock, BETWEEN_LOOKS_MS, signal);
  const second = await stoppedOf(procRoot, session);
  return [...second].some(([pid, life]) => first.get(pid) === life);
}

/** Start time and processor time of the stopped processes of a session, by pid. */
async function stoppedOf(procRoot: string, session: number): Promise<ReadonlyMap<number, string>> {
  const stopped = (await readSession(procRoot, session)).filter(({ state }) => state === STOPPED);
  return new Map(stopped.map(({ pid, startTicks, cpuTicks }) => [pid, `${startTicks} ${cpuTicks}`]));
}
