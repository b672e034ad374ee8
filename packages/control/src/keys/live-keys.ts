// The keys that gateways let in: those that people made and that work under the revision that is served.
import type { AppSpec, KeySnapshot } from "@flyball/core";
import { twinId } from "../desired/listeners-of.ts";
import { keyState } from "./key-state.ts";
import type { StoredKey } from "./stored-key.ts";

/** In a stable order, so that an unchanged list is an unchanged snapshot. */
export function liveKeys(keys: readonly StoredKey[], spec: AppSpec, now: number): readonly KeySnapshot[] {
  return keys.filter((key) => keyState(key, spec, now).state === "live").map((key) => keySnapshot(key, now));
}

function keySnapshot(key: StoredKey, now: number): KeySnapshot {
  const { id, hmac, models, tenant, expiresAt, routes, limits } = key;
  const earlierValues = key.earlierValues
    .filter(({ until }) => until > now)
    .map((earlier) => ({ hmac: earlier.hmac, expiresAt: Math.min(earlier.until, expiresAt ?? earlier.until) }));
  return {
    id,
    hmac,
    service: "",
    models,
    ...(tenant === undefined ? {} : { tenant }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(earlierValues.length === 0 ? {} : { earlierValues }),
    // A public route stands once for each loopback address.
    ...(routes === undefined ? {} : { routes: routes.flatMap((route) => [route, twinId(route)]) }),
    ...(limits === undefined ? {} : { limits }),
  };
}
