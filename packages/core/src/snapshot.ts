// All that the gateway needs to serve, as one immutable, versioned, hashed value (design §5). It is the only thing that control says
// to the gateway; the gateway swaps it atomically and keeps the old one when a new one is invalid. Secrets stand in it by name only.
import type { Address } from "./observation.ts";
import type { CorsPolicy, ListenerTls, RetriesSpec, RouteMatch, TimeoutsSpec } from "./app-spec.ts";
import type { BalanceAlgorithm } from "./balance-algorithm.ts";
import type { KnownSpending } from "./ledger-record.ts";
import type { JwtPolicy } from "./jwt-policy.ts";
import type { LimitPolicy, LimitStoreSpec } from "./limit-policy.ts";
import type { ModelPrice } from "./model-price.ts";
import type { Priority } from "./priority.ts";
import type { ScheduleSpec } from "./schedule-spec.ts";

/** The format that this program writes. Gateway N reads the formats of control N ± 1. */
export const SNAPSHOT_FORMAT = "flyball.snapshot/v1";

/** Everything the gateway serves from. */
export interface Snapshot {
  readonly format: typeof SNAPSHOT_FORMAT;
  /** Rises with every change, over restarts of control too. */
  readonly version: number;
  /** Hex SHA-256 of the content; another content has another one. */
  readonly hash: string;
  readonly app: string;
  readonly revision: number;
  readonly listeners: readonly ListenerSnapshot[];
  readonly routes: readonly RouteSnapshot[];
  readonly pools: readonly PoolSnapshot[];
  readonly models: readonly ModelSnapshot[];
  readonly keys: readonly KeySnapshot[];
  /** Absent: none is declared. */
  readonly tenants?: readonly TenantSnapshot[];
  /** Before those of the gateway's own table; absent: only that. */
  readonly prices?: readonly ModelPrice[];
  /** What control knows to be spent of budgets, for a gateway on a machine without their journals. */
  readonly spent?: readonly KnownSpending[];
  /** Absent: only virtual keys are taken. */
  readonly jwt?: JwtPolicy;
  /** Shared by several gateways; absent: each keeps limits alone. */
  readonly limitStore?: LimitStoreSpec;
  /** Longest body of a model call; absent: 16 MiB. */
  readonly maxBodyBytes?: number;
  /** IANA name of the zone in which budgets begin anew; absent: UTC. */
  readonly timeZone?: string;
}

/** A socket that the keeper bound and the gateway serves. */
export interface ListenerSnapshot {
  /** Also the name of the descriptor that the keeper passes. */
  readonly id: string;
  /** public: named by the user; service: the stable internal port of a service; models: the model API for the app's services; admin: /metrics and /health. */
  readonly kind: "public" | "service" | "models" | "admin";
  readonly host: string;
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: ListenerTls;
  /** Absent: no CORS header is written. */
  readonly cors?: CorsPolicy;
}

/** One route. The gateway sorts by specificity; order here means nothing. */
export interface RouteSnapshot {
  readonly id: string;
  readonly listener: string;
  readonly match: RouteMatch;
  readonly destination:
    | { readonly kind: "pools"; readonly pools: readonly { readonly pool: string; readonly weight: number }[] }
    | { readonly kind: "models"; readonly models: readonly string[]; readonly requiresKey: boolean };
  readonly stripsPrefix: boolean;
  /** Plain routes: only requests with a known key pass. */
  readonly requiresKey?: boolean;
  /** Absent: normal. That of the caller's tenant comes first. */
  readonly priority?: Priority;
  /** Absent: those of the pool. */
  readonly timeouts?: TimeoutsSpec;
  readonly retries?: RetriesSpec;
}

/** The endpoints of one service. */
export interface PoolSnapshot {
  /** The service's name. */
  readonly id: string;
  readonly endpoints: readonly EndpointSnapshot[];
  readonly timeouts: TimeoutsSpec;
  readonly retries: RetriesSpec;
  /** How long a request may wait for a place; absent: two seconds. */
  readonly maxWaitMs?: number;
  /** How its endpoints are chosen; absent: by own load. */
  readonly balance?: BalanceAlgorithm;
  /** What of its scheduling is not as by default. */
  readonly schedule?: ScheduleSpec;
  /** What a request at it may call in turn, directly or not: pools, and models by name. What waits there explains what waits here. Absent: not known. */
  readonly leadsTo?: { readonly pools: readonly string[]; readonly models: readonly string[] };
}

/** One place to send a request. */
export interface EndpointSnapshot {
  /** Stable for the life of an instance, never used again for another: `<service>/<ordinal>@<startedAt>`. */
  readonly id: string;
  readonly address: Address;
  /** The user's weight (> 0). */
  readonly weight: number;
  /** Requests at once that it can work on; the unit of its load until a measured capacity replaces it. */
  readonly capacity: number;
  /** Requests that it is ever sent at once, as the manifest says; absent: what it can bear is learned. */
  readonly maxActive?: number;
  /** draining: finish what runs, send nothing new. */
  readonly state: "serving" | "draining";
  /** Control keeps requests away from it because of a fault: it is sent nothing while others can serve. */
  readonly ejected?: true;
}

/** A model alias. */
export interface ModelSnapshot {
  readonly name: string;
  /** In order of preference. */
  readonly backends: readonly BackendSnapshot[];
  readonly timeouts: TimeoutsSpec;
  /** Until the first content, counted from the sending; a learned bound is never below it. Absent: `timeouts.firstByteMs`. */
  readonly firstTokenMs?: number;
  /** Other aliases that are tried, in order, when no backend of this one can answer. */
  readonly fallbacks?: readonly string[];
  /** A cut stream goes on at another backend from the text so far. */
  readonly isResumed?: boolean;
  /** A second attempt before the first token, when the first one is late; `costCap` is the share of calls that may have one. */
  readonly hedge?: { readonly afterMs: number | "learned"; readonly costCap: number };
  /** Exact answers kept per tenant. */
  readonly cache?: { readonly timeToLiveMs: number; readonly maximumBytes: number };
  readonly limits?: LimitPolicy;
}

/** One place that serves a model; `model` replaces the alias in the request's body. */
export type BackendSnapshot =
  | (BackendUse & { readonly kind: "pool"; readonly id: string; readonly pool: string; readonly model: string })
  | (BackendUse & {
      readonly kind: "provider";
      readonly id: string;
      readonly provider: string;
      /** With its path: `https://api.example/v1`. */
      readonly baseUrl: string;
      readonly model: string;
      readonly apiKeySecret?: string;
      readonly region?: string;
      /** Its name may stand for private addresses too; an address that `baseUrl` itself holds may be one anyway. */
      readonly network?: "private";
      /** PEM of certificates that are trusted there besides the machine's own. */
      readonly authorities?: string;
    });

/** When a backend is used, and how it differs from the plain OpenAI form. */
export interface BackendUse {
  /** Row of the gateway's table of provider traits; absent: the provider's own name, for a pool `openai-compatible`. */
  readonly traits?: string;
  /** Absent: always, in the order given. */
  readonly use?: readonly BackendCondition[];
  /** Share among neighbours that are used on the same condition and carry a weight too. */
  readonly weight?: number;
  /** Tokens that a prompt and its answer may have together; absent: not known. */
  readonly contextTokens?: number;
  /** Its `priority` field is set to the class of a call: in the order of its traits, or in this one. Absent: it is left alone. */
  readonly priorityOrder?: "engine" | "lower-first" | "higher-first";
  readonly limits?: LimitPolicy;
}

/** always: in its turn. unavailable: no backend before it can answer. saturated: every backend before it is full. */
export type BackendCondition = "always" | "unavailable" | "saturated";

/** A virtual key; its value is never stored. */
export interface KeySnapshot {
  readonly id: string;
  /** Hex HMAC-SHA-256 of the key with the app's key secret (named `@keys` at the keeper). */
  readonly hmac: string;
  /** The service whose key it is; `""` for a key that people made. */
  readonly service: string;
  /** `["*"]`: every model. */
  readonly models: readonly string[];
  /** Absent: the app's own tenant `@app`. */
  readonly tenant?: string;
  /** Wall time; from then on it is unknown. */
  readonly expiresAt?: number;
  /** Values from before a rotation; each works until its own time, and never longer than the key. */
  readonly earlierValues?: readonly { readonly hmac: string; readonly expiresAt: number }[];
  /** Ids of routes that it opens; absent: every one that asks for a known key. */
  readonly routes?: readonly string[];
  readonly limits?: LimitPolicy;
}

/** An account with any number of keys. */
export interface TenantSnapshot {
  readonly id: string;
  readonly limits: LimitPolicy;
  /** Absent: that of the route. */
  readonly priority?: Priority;
  /** Its share against others of its class (> 0); absent: 1. */
  readonly weight?: number;
}

/** Where the gateway gets its snapshots from (contract here, implementations in drivers; design §3). */
export interface EndpointSource {
  /** Calls back with each new snapshot, the last known one first; resolves when subscribed. */
  subscribe(onSnapshot: (snapshot: Snapshot) => void, signal: AbortSignal): Promise<void>;
}
