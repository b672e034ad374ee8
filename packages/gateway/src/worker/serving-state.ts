// A snapshot compiled for lookups. A request takes it once and keeps it; a new snapshot makes a new one beside it. Pools and endpoints
// in it are the living objects, shared with the states before and after.
import type {
  BackendCondition,
  CorsPolicy,
  KeySnapshot,
  ModelSnapshot,
  RetriesSpec,
  RouteMatch,
  TimeoutsSpec,
} from "@flyball/core";
import type { DatedPrices, RouteTable } from "@flyball/traffic";
import type { Dialect } from "../dialects/dialect.ts";
import type { ProviderTraits } from "../dialects/provider-traits.ts";
import type { ServingTokens } from "../identity/serving-tokens.ts";
import type { CallParty } from "../ledger/call-party.ts";
import type { CallTarget } from "../ledger/call-target.ts";
import type { CompiledLimits } from "../limits/limit-registry.ts";
import type { ModelMemory } from "./model-memory.ts";
import type { Pool } from "./pool.ts";

/** What a worker serves from. */
export interface ServingState {
  readonly version: number;
  readonly hash: string;
  readonly listeners: ReadonlyMap<string, ServingListener>;
  readonly models: ReadonlyMap<string, ServingModel>;
  /** By hex HMAC. */
  readonly keys: ReadonlyMap<string, ServingKey>;
  readonly keySecret: string | undefined;
  /** Signed tokens in the place of keys; undefined: none are taken. */
  readonly tokens: ServingTokens | undefined;
  /** Of tenants that have one: index of `PRIORITIES`. */
  readonly priorities: ReadonlyMap<string, number>;
  /** By subject. */
  readonly limits: CompiledLimits;
  /** Whom calls are for, by key, route and model; made when first asked for, bounded by what the snapshot names. */
  readonly parties: Map<string, CallParty>;
  /** By tenant: what keeps it apart in the prompt caches of model servers; made when first asked for. */
  readonly cacheSalts: Map<string, string>;
  /** By model name; the next snapshot takes them over. */
  readonly memories: ReadonlyMap<string, ModelMemory>;
  /** Keys as clients sent them, kept in memory only; bounded by its user. */
  readonly rememberedKeys: Map<string, ServingKey>;
  readonly maxBodyBytes: number;
}

/** A key with its models looked up. */
export interface ServingKey extends KeySnapshot {
  readonly modelSet: ReadonlySet<string>;
}

/** One listener's routes. */
export interface ServingListener {
  readonly id: string;
  readonly routes: RouteTable<ServingRoute>;
  readonly cors: CorsPolicy | undefined;
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
  readonly requiresKey: boolean;
  /** Index of `PRIORITIES`; undefined: nothing is said. */
  readonly priority: number | undefined;
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
}

/** A model alias with its backends in order. */
export interface ServingModel {
  readonly name: string;
  readonly backends: readonly ServingBackend[];
  /** Of other models, in order, for when none of the own ones can answer. */
  readonly fallbacks: readonly string[];
  readonly timeouts: TimeoutsSpec;
  /** Floor of the time until the first content. */
  readonly firstTokenMs: number;
  readonly isResumed: boolean;
  readonly hedge: ModelSnapshot["hedge"];
  readonly memory: ModelMemory;
}

/** One backend. A provider is a pool of one endpoint. */
export interface ServingBackend {
  readonly id: string;
  readonly pool: Pool;
  /** Replaces the alias in the request's body. */
  readonly model: string;
  readonly traits: ProviderTraits;
  readonly dialect: Dialect;
  /** Before `/chat/completions`: `/v1`, or the path of the provider's base URL. */
  readonly basePath: string;
  /** The header that carries our key there; its value is never logged. */
  readonly keyHeader: { readonly name: string; readonly value: string } | undefined;
  /** When it is used; empty: in its turn. */
  readonly use: readonly BackendCondition[];
  readonly weight: number | undefined;
  readonly prices: DatedPrices | "own";
  /** For the ledger, with the price that stands now; made anew when a dated price comes into force. */
  target: CallTarget;
  /** Tokens of prompt and answer together, where they are known. */
  readonly contextTokens: number | undefined;
  /** How its `priority` field is set to the class of a call; undefined: it is left alone. */
  readonly priorityOrder: ProviderTraits["priorityOrder"];
}
