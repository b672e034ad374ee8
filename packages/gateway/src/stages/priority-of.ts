// The class of a request: that of its tenant, else that of its route, else normal. Its client may say that it is worth less, never that it
// is worth more. Asked for only while a pool is full.
import { PRIORITIES } from "@flyball/core";
import type { Exchange } from "./exchange.ts";

/** The header in which a client names a lower class: `low` or `normal`. */
export const PRIORITY_HEADER = "x-flyball-priority";

const NORMAL: number = PRIORITIES.indexOf("normal");

/** Index of `PRIORITIES`. */
export function priorityOf({ key, serving, route, request }: Exchange): number {
  const tenant = key?.tenant === undefined ? undefined : serving.priorities.get(key.tenant);
  const own = tenant ?? route?.priority ?? NORMAL;
  const wished = request.headers[PRIORITY_HEADER];
  if (typeof wished !== "string") return own;
  const index = (PRIORITIES as readonly string[]).indexOf(wished);
  return index < 0 ? own : Math.min(index, own);
}
