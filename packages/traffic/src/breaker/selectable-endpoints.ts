// Which endpoints of a pool a request may use. Ejection advises and never empties a pool: when every endpoint is ejected, all are
// candidates again (panic), because a wrong guess costs one refused connection and an empty pool costs every request.
import type { Permission } from "./endpoint-breaker.ts";

/** One endpoint as the choice sees it. */
export interface Selectable {
  readonly permission: Permission;
  /** This request was refused by it already. */
  readonly wasTried: boolean;
}

/** What to do. Indices refer to the given list. */
export type Selection =
  /** This endpoint waits for its single probe: send there first. */
  | { readonly kind: "probe"; readonly index: number }
  | { readonly kind: "choose"; readonly indices: readonly number[]; readonly isPanic: boolean }
  /** Nothing untried is left. */
  | { readonly kind: "none" };

/** Splits the endpoints of a pool. A probe goes before a free choice, so that a healed endpoint is found while others serve. */
export function selectEndpoints(endpoints: readonly Selectable[]): Selection {
  const free: number[] = [];
  const ejected: number[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    if (endpoint.wasTried) continue;
    if (endpoint.permission === "probe") return { kind: "probe", index };
    (endpoint.permission === "send" ? free : ejected).push(index);
  }
  if (free.length > 0) return { kind: "choose", indices: free, isPanic: false };
  const isEveryOneEjected = endpoints.every((endpoint) => endpoint.permission !== "send");
  if (isEveryOneEjected && ejected.length > 0) {
    return { kind: "choose", indices: ejected, isPanic: true };
  }
  return { kind: "none" };
}
