// The keys that gateways let in: those that people made and that work under the revision that is served. There may be thousands, and the
// loop asks four times a second, so the answer is kept until a key, the revision or the time makes it another one.
import { contentHash, type AppSpec, type KeySnapshot } from "@flyball/core";
import { twinId } from "../desired/listeners-of.ts";
import { keyState } from "./key-state.ts";
import type { StoredKey } from "./stored-key.ts";

/** Keys that work now. */
export interface LiveKeys {
  /** In the order in which they were made. */
  readonly snapshots: readonly KeySnapshot[];
  /** Of their content. */
  readonly hash: string;
  /** What it was made of, and in which time it holds. */
  readonly origin: {
    readonly keys: readonly StoredKey[];
    readonly tenants: AppSpec["tenants"];
    readonly models: AppSpec["models"];
    readonly from: number;
    readonly until: number;
  };
}

/** The keys that work at a moment; `before` is what the last call answered. */
export function liveKeys(
  { keys, spec, now }: { readonly keys: readonly StoredKey[]; readonly spec: AppSpec; readonly now: number },
  before?: LiveKeys,
): LiveKeys {
  const { tenants, models } = spec;
  if (before !== undefined && isStillTrue(before.origin, { keys, spec, now })) return before;
  const snapshots = keys.filter((key) => keyState(key, spec, now).state === "live").map((key) => keySnapshot(key, now));
  const ends = keys.flatMap(({ expiresAt, earlierValues }) => [expiresAt, ...earlierValues.map(({ until }) => until)]);
  const until = ends.reduce<number>(
    (least, end) => (end === undefined || end <= now ? least : Math.min(least, end)),
    Number.POSITIVE_INFINITY,
  );
  return { snapshots, hash: contentHash(snapshots), origin: { keys, tenants, models, from: now, until } };
}

function isStillTrue(
  origin: LiveKeys["origin"],
  { keys, spec, now }: { readonly keys: readonly StoredKey[]; readonly spec: AppSpec; readonly now: number },
): boolean {
  const isSame = origin.keys === keys && origin.tenants === spec.tenants && origin.models === spec.models;
  return isSame && now >= origin.from && now < origin.until;
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
