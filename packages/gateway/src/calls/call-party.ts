// Whom a call is for and what limits it: key, tenant and model together. Made once for each of them and kept with the snapshot.
import { createCallParty, type CallParty } from "../ledger/call-party.ts";
import type { ServingKey, ServingState } from "../worker/serving-state.ts";

/** The tenant of keys that name none. */
export const APP_TENANT = "@app";

/** Remembered parties; a further one empties the memory. */
const MAX_PARTIES = 20_000;

/** The party of a call. */
export function partyOf(
  { parties, limits }: ServingState,
  { key, route, model }: { readonly key: ServingKey | undefined; readonly route: string; readonly model: string },
): CallParty {
  const name = `${key?.id ?? ""}\n${route}\n${model}`;
  const known = parties.get(name);
  if (known) return known;
  const tenant = key?.tenant ?? APP_TENANT;
  const party = createCallParty({
    key: key?.id ?? "",
    tenant,
    route,
    model,
    limits: [
      ...(key ? (limits[`key:${key.id}`] ?? []) : []),
      ...(limits[`tenant:${tenant}`] ?? []),
      ...(limits[`model:${model}`] ?? []),
    ],
  });
  // Subjects of tokens are as many as their issuer likes.
  if (parties.size >= MAX_PARTIES) parties.clear();
  parties.set(name, party);
  return party;
}
