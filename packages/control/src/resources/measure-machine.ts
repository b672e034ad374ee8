// Asks the driver once how large its target is. Where it cannot say, nothing is held back: a machine of unknown size is no reason to start
// nothing.
import type { ControlContext } from "../control-context.ts";

/** Takes it down in the room book. */
export async function measureMachine({ driver, signal, state }: ControlContext): Promise<void> {
  const { cpus, memoryBytes, gpus } = await driver.fingerprint(signal);
  state.room.machine = { cpus, memoryBytes, gpus };
}
