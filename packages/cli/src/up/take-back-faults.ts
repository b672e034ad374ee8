// A drill that was killed together with the process that takes its faults back leaves them in force, with a record of how they are undone. `up`
// looks for such records, so that nobody has to drill again to be rid of them.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { StateLayout } from "@flyball/core";

/** Takes back what drills that do not run any more have left on this app; answers the ids of those faults. A drill that runs is left alone. */
export async function takeBackFaults(
  { directory }: Pick<StateLayout, "directory">,
  now: number,
): Promise<readonly string[]> {
  const folder = join(directory, "faults");
  if (!existsSync(folder) || readdirSync(folder).length === 0) return [];
  // Loaded only here: hardly any `up` needs it.
  const { sweepFaults } = await import("@flyball/drill");
  const swept = await sweepFaults(folder, now);
  return swept.filter(({ failure }) => failure === undefined).map(({ fault }) => fault);
}
