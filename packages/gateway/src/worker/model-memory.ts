// What a worker has learned of a model's calls. Kept by name over snapshots; a model that no snapshot names is forgotten.
import type { ModelSnapshot } from "@flyball/core";
import { createHedgeBudget, createTtftQuantiles, type HedgeBudget, type TtftQuantiles } from "@flyball/traffic";
import { keepModelCache, type ModelCache } from "../cache/model-cache.ts";

/** The memory of one model. */
export interface ModelMemory {
  /** Times to the first content of streamed calls. */
  readonly firstToken: TtftQuantiles;
  readonly hedgeBudget: HedgeBudget;
  /** undefined: the model keeps no answers. */
  readonly cache: ModelCache | undefined;
}

/** The memories of the models of a snapshot, known ones kept. */
export function keepModelMemories(
  known: ReadonlyMap<string, ModelMemory>,
  models: readonly ModelSnapshot[],
  workers: number,
): Map<string, ModelMemory> {
  return new Map(
    models.map((model): [string, ModelMemory] => {
      const { firstToken, hedgeBudget, cache } = known.get(model.name) ?? freshMemory();
      return [model.name, { firstToken, hedgeBudget, cache: keepModelCache(cache, model, workers) }];
    }),
  );
}

function freshMemory(): ModelMemory {
  return { firstToken: createTtftQuantiles(), hedgeBudget: createHedgeBudget(), cache: undefined };
}
