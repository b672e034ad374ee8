// Which route a request takes, and which pool of it.
import { chooseByWeight, stripPrefix } from "@flyball/traffic";
import type { Pool } from "../worker/pool.ts";
import type { PoolsRoute, ServingRoute } from "../worker/serving-state.ts";
import type { Exchange } from "./exchange.ts";

/** The route, or undefined when none matches. */
export function findRoute(exchange: Exchange): ServingRoute | undefined {
  const { headers } = exchange.request;
  return exchange.listener.routes.match({
    method: exchange.method,
    path: exchange.path,
    host: exchange.host,
    header(name) {
      const value = headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
  });
}

/** One of the route's pools by weight; undefined when none has a weight. */
export function choosePool(exchange: Exchange, route: PoolsRoute): Pool | undefined {
  if (route.pools.length === 1) return route.pools[0]?.pool;
  return route.pools[chooseByWeight(route.pools, exchange.context.random)]?.pool;
}

/** The target as the upstream gets it. */
export function upstreamTarget(exchange: Exchange, route: ServingRoute): string {
  if (route.strippedPrefix === "") return exchange.target;
  return stripPrefix(exchange.target, route.strippedPrefix);
}
