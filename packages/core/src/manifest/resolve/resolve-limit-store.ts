// The store that gateways share, in the words of the app.
import type { LimitStoreSpec } from "../../limit-policy.ts";
import type { LimitStoreInput } from "../schema/limit-store.ts";
import { secretReference } from "./secret-reference.ts";

/** The store; a password that is not a reference was refused before. */
export function resolveLimitStore({ url, password }: LimitStoreInput): LimitStoreSpec {
  const passwordSecret = password === undefined ? undefined : secretReference(password);
  return { url, ...(passwordSecret === undefined ? {} : { passwordSecret }) };
}
