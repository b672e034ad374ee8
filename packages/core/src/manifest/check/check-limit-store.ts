// The store of limits is named by an address without a password: secrets stand in no manifest.
import { secretReference } from "../resolve/secret-reference.ts";
import type { CheckContext } from "./check-context.ts";

/** Checks `gateway.limit_store`. */
export function checkLimitStore(context: CheckContext): void {
  const store = context.input.gateway?.limit_store;
  if (store === undefined) return;
  const url = URL.parse(store.url);
  const isUsable = url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== "";
  if (!isUsable || url.password !== "") {
    const message =
      url?.password === "" || url === null
        ? `expected redis://host:port or rediss://host:port, saw "${store.url.slice(0, 80)}"`
        : 'expected an address without a password; write password: "${secrets.name}" beside it';
    context.report({ path: ["gateway", "limit_store", "url"], code: "FB_MANIFEST_WRONG_VALUE", message });
  }
  if (store.password !== undefined && secretReference(store.password) === undefined) {
    const message = 'a password has no place in a manifest; write "${secrets.name}" and say under secrets where it is';
    context.report({ path: ["gateway", "limit_store", "password"], code: "FB_MANIFEST_LITERAL_SECRET", message });
  }
}
