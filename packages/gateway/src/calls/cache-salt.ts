// Keeps tenants apart in the prompt cache of a model server: with one cache for all, how fast an answer begins tells whether somebody
// else sent the same prompt before. Keys of no tenant are the app's own and share the cache as they always did.
import { createHmac } from "node:crypto";
import type { ServingBackend } from "../worker/serving-state.ts";
import { APP_TENANT } from "./call-party.ts";
import type { ModelCall } from "./model-call.ts";

/** Remembered salts; a further one empties the memory. */
const MAX_SALTS = 10_000;

/**
 * The salt of a call: 256 bits that nobody outside can guess, the same for a tenant on every gateway and after every restart, and
 * another one for each salt that its client chose. undefined: the backend knows none, or the call has no tenant.
 */
export function cacheSaltFor(
  { exchange, face, scan, body }: ModelCall,
  { traits }: ServingBackend,
): string | undefined {
  const tenant = exchange.key?.tenant ?? APP_TENANT;
  if (!traits.hasCacheSalt || tenant === APP_TENANT) return undefined;
  if (!face.isTranslatable && face.path !== "/completions") return undefined;
  const { keySecret, cacheSalts } = exchange.serving;
  if (keySecret === undefined) return undefined;
  const chosen = scan.cacheSalt && body.toString("utf8", scan.cacheSalt.start, scan.cacheSalt.end);
  if (chosen !== undefined && chosen !== "null") return digest(keySecret, tenant, chosen);
  let salt = cacheSalts.get(tenant);
  if (salt === undefined) {
    if (cacheSalts.size >= MAX_SALTS) cacheSalts.clear();
    salt = digest(keySecret, tenant, "");
    cacheSalts.set(tenant, salt);
  }
  return salt;
}

function digest(secret: string, tenant: string, chosen: string): string {
  return createHmac("sha256", secret).update(`cache salt\0${tenant}\0${chosen}`).digest("base64url");
}
