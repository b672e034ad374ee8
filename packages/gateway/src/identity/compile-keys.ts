// The keys of a snapshot by the HMAC of each value that works: a key that was rotated stands there once for each of its values.
import { EVERY_MODEL, type Snapshot } from "@flyball/core";
import type { ServingKey } from "../worker/serving-state.ts";

/** By hex HMAC. */
export function compileKeys({ keys, models }: Snapshot): ReadonlyMap<string, ServingKey> {
  // One set for all keys that may use every model: there may be thousands of them.
  const everyModel = new Set(models.map(({ name }) => name));
  const compiled = new Map<string, ServingKey>();
  for (const key of keys) {
    const modelSet = key.models.includes(EVERY_MODEL) ? everyModel : new Set(key.models);
    for (const { hmac, expiresAt } of key.earlierValues ?? []) {
      compiled.set(hmac.toLowerCase(), { ...key, hmac, expiresAt, modelSet });
    }
    compiled.set(key.hmac.toLowerCase(), { ...key, modelSet });
  }
  return compiled;
}
