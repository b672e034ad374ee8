// Which route a request takes, and which pool of it.
import { chooseByWeight, hasDotSegment, stripPrefix } from "@flyball/traffic";
import { otherReadings } from "../listen/canonical-path.ts";
import type { Pool } from "../worker/pool.ts";
import type { PoolsRoute, ServingRoute } from "../worker/serving-state.ts";
import type { Exchange } from "./exchange.ts";

/** The route; undefined when none matches, "unclear" when another reading of the path leads elsewhere. */
export function findRoute(exchange: Exchange): ServingRoute | "unclear" | undefined {
  const route = routeOf(exchange, exchange.path);
  const readings = otherReadings(exchange.path);
  if (!readings) return route;
  if (hasDotSegment(readings.decoded) || routeOf(exchange, readings.decoded) !== route) return "unclear";
  // Many programs keep upper and lower case apart, so only a way around a key is refused.
  const folded = routeOf(exchange, readings.folded);
  return folded !== route && folded?.requiresKey && !route?.requiresKey ? "unclear" : route;
}

function routeOf(exchange: Exchange, path: string): ServingRoute | undefined {
  const { headers } = exchange.request;
  return exchange.listener.routes.match({
    method: exchange.method,
    path,
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
