// Who calls. Keys are stored as HMACs only, so what a client sends is hashed and looked up; comparing the hashes in constant time tells
// nothing about them. A key stands in the header that the client's SDK uses: authorization, x-api-key or api-key. A signed token stands
// in authorization only; one that was not seen before is the only thing here that is not known at once.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { ErrorCode } from "@flyball/core";
import { hasTokenForm } from "../identity/serving-tokens.ts";
import type { PoolsRoute, ServingKey, ServingRoute, ServingState } from "../worker/serving-state.ts";
import type { Exchange } from "./exchange.ts";

/** Keys whose hash is remembered for a snapshot; a further one empties the memory. */
const MAX_REMEMBERED = 10_000;

/** undefined: no key was sent. unknown: nobody has it, or it has expired. unavailable: whether a token is good cannot be said now. */
export type Identity = ServingKey | "unknown" | "unavailable" | undefined;

/** Who sent the request; a promise only for a token that was not seen before. */
export function authenticate(exchange: Exchange): Identity | Promise<Identity> {
  const presented = presentedKey(exchange);
  if (presented === undefined) return undefined;
  const { tokens } = exchange.serving;
  if (tokens !== undefined && hasTokenForm(presented) && exchange.request.headers.authorization !== undefined) {
    return tokens.identify(presented);
  }
  const key = findKey(exchange.serving, presented);
  const { clock } = exchange.context;
  if (!key || (key.expiresAt !== undefined && clock.now() >= key.expiresAt)) return "unknown";
  return key;
}

/** Why a request may not take a plain route; undefined: it may, and who asks is noted. A promise as `authenticate` gives one. */
export function refusalOf(
  exchange: Exchange,
  route: PoolsRoute,
): ErrorCode | undefined | Promise<ErrorCode | undefined> {
  if (!route.requiresKey) return undefined;
  const identity = authenticate(exchange);
  if (identity instanceof Promise) return identity.then((found) => admit(exchange, route, found));
  return admit(exchange, route, identity);
}

/**
 * Notes who asks, and says why a route is not open to it. SDKs always send some key: where none is asked for, one that nobody has means
 * nothing.
 */
export function admit(exchange: Exchange, route: ServingRoute, identity: Identity): ErrorCode | undefined {
  const key = typeof identity === "string" ? undefined : identity;
  if (route.requiresKey) {
    if (identity === "unavailable") return "FB_GATEWAY_IDENTITY_UNAVAILABLE";
    if (key === undefined) return "FB_GATEWAY_KEY_INVALID";
    if (key.routes !== undefined && !key.routes.includes(route.id)) return "FB_GATEWAY_KEY_ROUTE";
  }
  exchange.key = key;
  return undefined;
}

function presentedKey({ request }: Exchange): string | undefined {
  const { authorization, "x-api-key": apiKey, "api-key": azureKey } = request.headers;
  if (authorization !== undefined) {
    const match = /^bearer +(\S+) *$/i.exec(authorization);
    return match?.[1] ?? "";
  }
  const key = apiKey ?? azureKey;
  return typeof key === "string" ? key : undefined;
}

/** Hashing costs more than all else here, so known keys are remembered until the next snapshot. */
function findKey(serving: ServingState, presented: string): ServingKey | undefined {
  const { keySecret, keys, rememberedKeys } = serving;
  const remembered = rememberedKeys.get(presented);
  if (remembered) return remembered;
  if (keySecret === undefined || presented === "") return undefined;
  const digest = createHmac("sha256", keySecret).update(presented).digest();
  const key = keys.get(digest.toString("hex"));
  if (!key || !timingSafeEqual(digest, Buffer.from(key.hmac, "hex"))) return undefined;
  if (rememberedKeys.size >= MAX_REMEMBERED) rememberedKeys.clear();
  rememberedKeys.set(presented, key);
  return key;
}
