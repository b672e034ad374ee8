// Takes faults back. Each step looks first whether the process is still the same one.
import { isProcessAlive } from "@flyball/wire";
import { removeChain } from "./packet-filter.ts";
import type { UndoStep } from "./fault-record.ts";
import { setSoftLimit } from "./soft-limit.ts";

/** Does all steps, the last first; what fails does not keep the others from being done. Rejects with the first failure. */
export async function undoSteps(steps: readonly UndoStep[]): Promise<void> {
  let failure: unknown;
  for (const step of steps.toReversed()) {
    try {
      await undoStep(step);
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}

async function undoStep(step: UndoStep): Promise<void> {
  switch (step.undo) {
    case "continue":
      for (const identity of step.processes) sendSignal(identity, "SIGCONT");
      return undefined;
    case "limit":
      return isProcessAlive(step.process) ? setSoftLimit(step.process.pid, step.resource, step.soft) : undefined;
    case "chain":
      return removeChain(step.program, step.chain);
  }
}

/** Sends a signal to exactly this process; false when it is gone. Throws when it may not be signalled. */
export function sendSignal(identity: Parameters<typeof isProcessAlive>[0], name: NodeJS.Signals): boolean {
  if (!isProcessAlive(identity)) return false;
  try {
    return process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
