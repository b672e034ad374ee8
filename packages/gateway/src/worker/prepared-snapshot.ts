// A snapshot as the main thread hands it to a worker: checked, with the slot of each endpoint and with secret values. It stays inside
// the process and is never written anywhere.
import { createHash } from "node:crypto";
import { providerPoolId, type BackendSnapshot, type Snapshot } from "@flyball/core";
import type { CompiledLimits } from "../limits/limit-registry.ts";
import type { PoolNumbers } from "../schedule/scheduled-pools.ts";
import type { Slot } from "../shared/in-flight-table.ts";

/** Everything that a worker needs to serve a snapshot. */
export interface PreparedSnapshot {
  readonly snapshot: Snapshot;
  /** By endpoint id; providers have `provider:<backend id>@<origin>`. */
  readonly slots: Readonly<Record<string, Slot>>;
  /** Values by secret name; `@keys` is the key secret. */
  readonly secrets: Readonly<Record<string, string>>;
  /** By subject: `key:k_1`, `tenant:acme`, `model:chat`, `backend:chat/0`. */
  readonly limits: CompiledLimits;
  /** Numbers of the scheduled pools by id; without it nothing is scheduled. */
  readonly poolNumbers?: PoolNumbers;
}

/** The name under which a provider's requests are counted; one that is reached in another way is another endpoint, with new connections. */
export function providerEndpointId(backend: ProviderBackend): string {
  const { network, authorities } = backend;
  const way = [
    ...(network === undefined ? [] : [network]),
    ...(authorities === undefined ? [] : [digestOf(authorities)]),
  ];
  return way.length === 0 ? providerPoolId(backend) : `${providerPoolId(backend)}#${way.join("-")}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** A backend outside the app. */
export type ProviderBackend = Extract<BackendSnapshot, { kind: "provider" }>;

/** The name of the key secret at the keeper. */
export const KEY_SECRET = "@keys";

/** Ids of everything that gets a slot, in a stable order. */
export function endpointIdsOf(snapshot: Snapshot): string[] {
  const ids = snapshot.pools.flatMap((pool) => pool.endpoints.map(({ id }) => id));
  for (const { backends } of snapshot.models) {
    for (const backend of backends) {
      if (backend.kind === "provider") ids.push(providerEndpointId(backend));
    }
  }
  return [...new Set(ids)];
}

/** Names of the secrets that serving needs. */
export function secretNamesOf(snapshot: Snapshot): string[] {
  const names = new Set<string>();
  if (snapshot.keys.length > 0) names.add(KEY_SECRET);
  if (snapshot.limitStore?.passwordSecret !== undefined) names.add(snapshot.limitStore.passwordSecret);
  for (const { backends } of snapshot.models) {
    for (const backend of backends) {
      if (backend.kind === "provider" && backend.apiKeySecret) names.add(backend.apiKeySecret);
    }
  }
  return [...names];
}
