// The faults that ship, and those that were named.
import { nearestName } from "@flyball/core";
import { loadCatalogue, type FaultDefinition } from "@flyball/drill";
import { drillsFolder } from "../entry-points.ts";
import { usageError } from "../messages/localised-error.ts";

/** The whole catalogue, by id. */
export async function readCatalogue(): Promise<readonly FaultDefinition[]> {
  return await loadCatalogue(drillsFolder());
}

/** Those with these ids, each once, in the order of their naming; FB_CLI_USAGE names the nearest of an unknown one. */
export function chooseFaults(all: readonly FaultDefinition[], ids: readonly string[]): readonly FaultDefinition[] {
  const names = all.map(({ id }) => id);
  return [...new Set(ids)].map((id) => {
    const fault = all.find((each) => each.id === id);
    if (fault !== undefined) return fault;
    const known = nearestName(id, names) ?? names.join(", ");
    throw usageError("drill.unknown-fault", { seen: id, known }, "flyball drill list");
  });
}
