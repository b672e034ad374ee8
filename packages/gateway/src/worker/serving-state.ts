// A snapshot compiled for lookups. A request takes it once and keeps it; a new snapshot makes a new one beside it. Pools and endpoints
// in it are the living objects, shared with the states before and after.
import type { KeySnapshot, RetriesSpec, RouteMatch, TimeoutsSpec } from "@flyball/core";
import type { RouteTable } from "@flyball/traffic";
import type { Pool } from "./pool.ts";

/** What a worker serves from. */
export interface ServingState {
  readonly version: number;
  readonly hash: string;
  readonly listeners: ReadonlyMap<string, ServingListener>;
  readonly models: ReadonlyMap<string, ServingModel>;
  /** By hex HMAC. */
  readonly keys: ReadonlyMap<string, KeySnapshot>;
  readonly keySecret: string | undefined;
}

/** One listener's routes. */
export interface ServingListener {
  readonly id: string;
  readonly routes: RouteTable<ServingRoute>;
}

/** A route with everything looked up. */
export type ServingRoute = PoolsRoute | ModelsRoute;

interface RouteBasics {
  readonly id: string;
  readonly match: RouteMatch;
  /** Taken off the path before it goes on; `""` for nothing. */
  readonly strippedPrefix: string;
  readonly timeouts: TimeoutsSpec | undefined;
  readonly retries: RetriesSpec | undefined;
}

/** Plain HTTP to one of some pools. */
export interface PoolsRoute extends RouteBasics {
  readonly kind: "pools";
  readonly pools: readonly { readonly pool: Pool; readonly weight: number }[];
}

/** The model API. */
export interface ModelsRoute extends RouteBasics {
  readonly kind: "models";
  readonly models: ReadonlySet<string>;
  readonly requiresKey: boolean;
}

/** A model alias with its backends in order. */
export interface ServingModel {
  readonly name: string;
  readonly backends: readonly ServingBackend[];
  readonly timeouts: TimeoutsSpec;
}

/** One backend. A provider is a pool of one endpoint. */
export interface ServingBackend {
  readonly id: string;
  readonly pool: Pool;
  /** Replaces the alias in the request's body. */
  readonly model: string;
  /** Before `/chat/completions`: `/v1`, or the path of the provider's base URL. */
  readonly basePath: string;
  /** The Authorization header's value; never logged. */
  readonly authorization: string | undefined;
}
