// What a worker has learned of a model's calls. Kept by name over snapshots; a model that no snapshot names is forgotten.
import { createHedgeBudget, createTtftQuantiles, type HedgeBudget, type TtftQuantiles } from "@flyball/traffic";

/** The memory of one model. */
export interface ModelMemory {
  /** Times to the first content of streamed calls. */
  readonly firstToken: TtftQuantiles;
  readonly hedgeBudget: HedgeBudget;
}

/** The memories of the models of a snapshot, known ones kept. */
export function keepModelMemories(
  known: ReadonlyMap<string, ModelMemory>,
  names: readonly string[],
): Map<string, ModelMemory> {
  return new Map(
    names.map((name) => [
      name,
      known.get(name) ?? { firstToken: createTtftQuantiles(), hedgeBudget: createHedgeBudget() },
    ]),
  );
}
