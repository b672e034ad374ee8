// Who calls. Keys are stored as HMACs only, so what a client sends is hashed and looked up; comparing the hashes in constant time tells
// nothing about them. A key stands in the header that the client's SDK uses: authorization, x-api-key or api-key.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { PoolsRoute, ServingKey, ServingState } from "../worker/serving-state.ts";
import type { Exchange } from "./exchange.ts";

/** Keys whose hash is remembered for a snapshot; a further one empties the memory. */
const MAX_REMEMBERED = 10_000;

/** The key of a request: undefined when it sent none, "unknown" when nobody has it or it has expired. */
export function authenticate(exchange: Exchange): ServingKey | "unknown" | undefined {
  const presented = presentedKey(exchange);
  if (presented === undefined) return undefined;
  const key = findKey(exchange.serving, presented);
  const { clock } = exchange.context;
  if (!key || (key.expiresAt !== undefined && clock.now() >= key.expiresAt)) return "unknown";
  return key;
}

/** A route for known keys lets those pass that may use every route, or this one. Notes who asks. */
export function mayPass(exchange: Exchange, route: PoolsRoute): boolean {
  if (!route.requiresKey) return true;
  const key = authenticate(exchange);
  if (key === undefined || key === "unknown") return false;
  exchange.key = key;
  return key.routes === undefined || key.routes.includes(route.id);
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
