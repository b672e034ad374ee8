// Makes a serving state of a prepared snapshot. Living pools and endpoints are kept by id, new ones are made, gone ones are marked and
// close their connections once their last request has ended.
import {
  PRIORITIES,
  providerPoolId,
  type BackendSnapshot,
  type ListenerSnapshot,
  type Priority,
  type RouteSnapshot,
  type Snapshot,
} from "@flyball/core";
import { createPriceBook, createRouteTable, normalisePrefix, PRICE_TABLE, type PriceBook } from "@flyball/traffic";
import { createCallTarget } from "../ledger/call-target.ts";
import { findDialect } from "../dialects/find-dialect.ts";
import { findProviderTraits } from "../dialects/find-provider-traits.ts";
import type { ProviderTraits } from "../dialects/provider-traits.ts";
import { compileKeys } from "../identity/compile-keys.ts";
import { compileTokens } from "../identity/serving-tokens.ts";
import type { TokenDoors } from "../identity/token-doors.ts";
import type { PoolRegistry } from "./pool-registry.ts";
import { keepModelMemories, type ModelMemory } from "./model-memory.ts";
import { KEY_SECRET, type PreparedSnapshot } from "./prepared-snapshot.ts";
import type { Pool } from "./pool.ts";
import type { ServingBackend, ServingListener, ServingModel, ServingRoute, ServingState } from "./serving-state.ts";

/** The longest body of a model call unless the snapshot says otherwise. */
const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Makes the pools of a checked snapshot live and compiles the rest, which are lookups only. */
export function compileServingState(
  prepared: PreparedSnapshot,
  registry: PoolRegistry,
  known: { readonly memories: ReadonlyMap<string, ModelMemory>; readonly workers: number },
  tokenDoors: TokenDoors,
): ServingState {
  const { snapshot, secrets, limits } = prepared;
  const pools = registry.update(prepared);
  const prices = createPriceBook(PRICE_TABLE, snapshot.prices);
  const kept = keepModelMemories(known.memories, snapshot.models, known.workers);
  return {
    version: snapshot.version,
    hash: snapshot.hash,
    listeners: new Map(snapshot.listeners.map((listener) => [listener.id, compileListener(listener, snapshot, pools)])),
    models: new Map(
      snapshot.models.map((model): [string, ServingModel] => [
        model.name,
        {
          name: model.name,
          timeouts: model.timeouts,
          backends: model.backends.map((backend) => compileBackend(backend, pools, prepared, prices)),
          fallbacks: model.fallbacks ?? [],
          firstTokenMs: model.firstTokenMs ?? model.timeouts.firstByteMs,
          isResumed: model.isResumed ?? false,
          hedge: model.hedge,
          memory: kept.get(model.name) as ModelMemory,
        },
      ]),
    ),
    keys: compileKeys(snapshot),
    tokens: compileTokens(snapshot, tokenDoors.use(snapshot.jwt)),
    keySecret: secrets[KEY_SECRET],
    priorities: prioritiesOf(snapshot),
    limits,
    parties: new Map(),
    cacheSalts: new Map(),
    memories: kept,
    rememberedKeys: new Map(),
    maxBodyBytes: snapshot.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
  };
}

function prioritiesOf({ tenants = [] }: Snapshot): ReadonlyMap<string, number> {
  const named = tenants.map(({ id, priority }) => [id, indexOf(priority)] as const);
  return new Map(named.filter((each): each is [string, number] => each[1] !== undefined));
}

function indexOf(priority: Priority | undefined): number | undefined {
  return priority === undefined ? undefined : PRIORITIES.indexOf(priority);
}

function compileListener(
  listener: ListenerSnapshot,
  snapshot: Snapshot,
  pools: ReadonlyMap<string, Pool>,
): ServingListener {
  const own = snapshot.routes.filter((route) => route.listener === listener.id);
  const routes = own.map((route) => compileRoute(route, listener, pools));
  if (listener.kind === "models" && routes.length === 0) routes.push(everyModel(snapshot));
  return { id: listener.id, routes: createRouteTable(routes), cors: listener.cors };
}

function compileRoute(
  route: RouteSnapshot,
  listener: ListenerSnapshot,
  pools: ReadonlyMap<string, Pool>,
): ServingRoute {
  const basics = {
    id: route.id,
    match: route.match,
    strippedPrefix: route.stripsPrefix ? normalisePrefix(route.match.pathPrefix) : "",
    timeouts: route.timeouts,
    retries: route.retries,
    priority: indexOf(route.priority),
  };
  const { destination } = route;
  if (destination.kind === "models") {
    return {
      ...basics,
      kind: "models",
      models: new Set(destination.models),
      requiresKey: destination.requiresKey || listener.kind === "models",
    };
  }
  return {
    ...basics,
    kind: "pools",
    requiresKey: route.requiresKey ?? false,
    pools: destination.pools.flatMap(({ pool, weight }) => {
      const found = pools.get(pool);
      return found ? [{ pool: found, weight }] : [];
    }),
  };
}

/** A models listener without a route of its own offers every model to whoever has a key for it. */
function everyModel(snapshot: Snapshot): ServingRoute {
  return {
    id: "@models",
    match: { pathPrefix: "/" },
    strippedPrefix: "",
    timeouts: undefined,
    retries: undefined,
    priority: undefined,
    kind: "models",
    models: new Set(snapshot.models.map(({ name }) => name)),
    requiresKey: true,
  };
}

function compileBackend(
  backend: BackendSnapshot,
  pools: ReadonlyMap<string, Pool>,
  { secrets, limits }: PreparedSnapshot,
  priceBook: PriceBook,
): ServingBackend {
  const { id, model, contextTokens, use = [], weight, priorityOrder: order } = backend;
  const prices = backend.kind === "pool" ? "own" : priceBook.find(backend.provider, model);
  const target = createCallTarget({
    backend: id,
    provider: backend.kind === "pool" ? "" : backend.provider,
    providerModel: model,
    price: prices === "own" ? prices : "unknown",
    limits: limits[`backend:${id}`] ?? [],
  });
  if (backend.kind === "pool") {
    const traits = findProviderTraits(backend.traits ?? "openai-compatible");
    const pool = pools.get(backend.pool) as Pool;
    const dialect = findDialect(traits.dialect);
    return {
      id,
      pool,
      model,
      traits,
      dialect,
      basePath: "/v1",
      keyHeader: undefined,
      use,
      weight,
      prices,
      target,
      contextTokens,
      priorityOrder: order === "engine" ? traits.priorityOrder : order,
    };
  }
  const traits = findProviderTraits(backend.traits ?? backend.provider);
  const key = backend.apiKeySecret === undefined ? undefined : secrets[backend.apiKeySecret];
  return {
    id,
    pool: pools.get(providerPoolId(backend)) as Pool,
    model,
    traits,
    dialect: findDialect(traits.dialect),
    basePath: normalisePrefix(new URL(backend.baseUrl).pathname),
    keyHeader: key === undefined ? undefined : keyHeaderOf(traits, key),
    use,
    weight,
    prices,
    target,
    contextTokens,
    priorityOrder: order === "engine" ? traits.priorityOrder : order,
  };
}

function keyHeaderOf({ keyHeader }: ProviderTraits, key: string): { readonly name: string; readonly value: string } {
  return keyHeader === "bearer" ? { name: "authorization", value: `Bearer ${key}` } : { name: keyHeader, value: key };
}
