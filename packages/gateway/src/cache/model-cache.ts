// The answers of one model that a worker keeps. They live over snapshots until what may answer changes: then the cache begins anew, so
// that a new backend is not hidden behind answers of the old one.
import { contentHash, type ModelSnapshot } from "@flyball/core";
import { createResponseStore, type ResponseStore } from "./response-store.ts";

/** A model's cache in one worker. */
export interface ModelCache {
  readonly store: ResponseStore;
  /** Of what decides who answers. */
  readonly fingerprint: string;
}

/** The known cache while it fits the model, else an empty one; undefined: the model keeps no answers. The bound is shared by the workers. */
export function keepModelCache(
  known: ModelCache | undefined,
  model: ModelSnapshot,
  workers: number,
): ModelCache | undefined {
  const { cache, backends, fallbacks } = model;
  if (!cache) return undefined;
  const answering = backends.map((backend) => ({ ...backend, weight: undefined, limits: undefined, use: undefined }));
  const fingerprint = contentHash({ cache, fallbacks, answering, workers });
  if (known?.fingerprint === fingerprint) return known;
  const maximumBytes = Math.floor(cache.maximumBytes / workers);
  return { fingerprint, store: createResponseStore({ maximumBytes, timeToLiveMs: cache.timeToLiveMs }) };
}
