// Who calls the model API. Keys are stored as HMACs only, so what a client sends is hashed and looked up; comparing the hashes in
// constant time tells nothing about them.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { KeySnapshot } from "@flyball/core";
import type { ModelsRoute } from "../worker/serving-state.ts";
import type { Exchange } from "./exchange.ts";

/** Which models a request may name. */
export type Authentication =
  | { readonly kind: "granted"; readonly key: KeySnapshot | undefined; mayUse(model: string): boolean }
  | { readonly kind: "refused" };

/** Checks the bearer key of a model request. A route without a key requirement grants its own models to everybody. */
export function authenticate(exchange: Exchange, route: ModelsRoute): Authentication {
  const key = findKey(exchange);
  if (!key) {
    if (route.requiresKey) return { kind: "refused" };
    return { kind: "granted", key: undefined, mayUse: (model) => route.models.has(model) };
  }
  const granted = new Set(key.models);
  return {
    kind: "granted",
    key,
    mayUse: (model) => route.models.has(model) && (granted.has(model) || !route.requiresKey),
  };
}

function findKey(exchange: Exchange): KeySnapshot | undefined {
  const { keySecret, keys } = exchange.serving;
  const header = exchange.request.headers.authorization;
  if (keySecret === undefined || header === undefined) return undefined;
  const match = /^bearer +(\S+) *$/i.exec(header);
  if (!match) return undefined;
  const digest = createHmac("sha256", keySecret)
    .update(match[1] ?? "")
    .digest();
  const key = keys.get(digest.toString("hex"));
  if (!key || !timingSafeEqual(digest, Buffer.from(key.hmac, "hex"))) return undefined;
  return key;
}
