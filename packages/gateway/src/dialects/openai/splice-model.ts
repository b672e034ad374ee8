// Puts the backend's model name in the place of the alias. Every other byte stays the client's.
import type { RoutingKeys } from "./scan-routing-keys.ts";

/** The body with another model name; the same buffer when nothing changes. */
export function spliceModel(body: Buffer, keys: RoutingKeys, model: string): Buffer {
  if (model === keys.model) return body;
  return Buffer.concat([
    body.subarray(0, keys.modelStart),
    Buffer.from(JSON.stringify(model)),
    body.subarray(keys.modelEnd),
  ]);
}
