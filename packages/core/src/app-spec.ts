// The application after the manifest has been read, merged with its includes and overlay, interpolated and defaulted.
// It is plain JSON: it is hashed, stored as a revision, sent over the control API, and read by control and drivers.
// Secret values never stand in it: `${secrets.x}` and start-time placeholders (`${instance.port}`, `${services.x.address}`) stay as they are.

import type { BalanceAlgorithm } from "./balance-algorithm.ts";
import type { HealingSpec, ServiceHealingSpec } from "./healing-spec.ts";
import type { JwtPolicy } from "./jwt-policy.ts";
import type { LimitPolicy, LimitStoreSpec } from "./limit-policy.ts";
import type { ModelPrice } from "./model-price.ts";
import type { NotifySpec } from "./notify-spec.ts";
import type { Priority } from "./priority.ts";
import type { ScheduleSpec } from "./schedule-spec.ts";

/** What a service is: a program with N instances, a task that ends, or a program with data of its own. */
export type ServiceKind = "service" | "job" | "stateful";

/** A whole application for one target. */
export interface AppSpec {
  readonly apiVersion: "flyball/v1";
  readonly name: string;
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly models: Readonly<Record<string, ModelSpec>>;
  readonly routes: readonly RouteSpec[];
  readonly gateway: GatewaySpec;
  readonly secrets: Readonly<Record<string, SecretSpec>>;
  readonly configs: Readonly<Record<string, ConfigSpec>>;
  readonly volumes: readonly string[];
  readonly data: { readonly allowedRegions?: readonly string[] };
  /** Absent: none is declared. */
  readonly tenants?: Readonly<Record<string, TenantSpec>>;
  /** Instead of those of the project's table; absent: only that. */
  readonly prices?: readonly ModelPrice[];
  /** Absent: nobody is told of incidents. */
  readonly notify?: NotifySpec;
  /** Absent: everything is done without asking, within the default cap. */
  readonly healing?: HealingSpec;
  readonly target: TargetSpec;
}

/** An account with any number of keys. */
export interface TenantSpec extends LimitPolicy {
  /** Absent: that of the route. */
  readonly priority?: Priority;
  /** Its share against others of its class (> 0); absent: 1. */
  readonly weight?: number;
}

/** The target that this spec was resolved for. */
export interface TargetSpec {
  readonly name: string;
  readonly type: "local" | "docker" | "swarm" | "kubernetes";
}

/** One service, job or stateful service. Paths are absolute. */
export interface ServiceSpec {
  readonly name: string;
  readonly kind: ServiceKind;
  /** A model server that Flyball runs itself. Excludes command, image and build. */
  readonly serve?: { readonly engine: string; readonly model: string; readonly args: readonly string[] };
  readonly build?: { readonly context: string; readonly dockerfile?: string };
  readonly image?: string;
  readonly command?: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly PortSpec[];
  readonly dependsOn: readonly DependencySpec[];
  readonly healthcheck?: HealthcheckSpec;
  /** With `scale`: as many as there are before the first decision. */
  readonly replicas: number;
  /** Instances beyond `replicas` that are ready and get no requests until one of the others is lost; absent: none. */
  readonly warm?: number;
  /** Absent: only people change the number of instances. */
  readonly scale?: ScaleSpec;
  /** Requests that one instance works on at once, the unit of its load; absent: 16, until a measured capacity is known. */
  readonly concurrency?: number;
  /** Absent: by own load. */
  readonly balance?: BalanceAlgorithm;
  /** How long a request waits for a place where requests wait; absent: two seconds. */
  readonly maxWaitMs?: number;
  /** How those who wait are ordered and what an instance may have at once, where it is not as by default. */
  readonly schedule?: ScheduleSpec;
  readonly resources: ResourcesSpec;
  readonly restart: RestartSpec;
  /** Absent: as the app says. */
  readonly healing?: ServiceHealingSpec;
  readonly stopSignal: string;
  readonly stopGraceMs: number;
  /** Models that this service may call, with the prefix of the variables that tell it how. */
  readonly models: readonly { readonly model: string; readonly environmentPrefix: string }[];
  readonly secrets: readonly string[];
  readonly configs: readonly string[];
  readonly volumes: readonly { readonly volume: string; readonly path: string }[];
  readonly labels: Readonly<Record<string, string>>;
  /** A service that somebody else runs: never started, only fronted. */
  readonly external?: { readonly address: string; readonly protocol: "http" | "tcp" };
  /** For jobs: when it runs. */
  readonly run: "each-release" | "once";
  readonly timeouts: TimeoutsSpec;
  readonly retries: RetriesSpec;
}

/** A port that an instance listens on. */
export interface PortSpec {
  readonly name: string;
  readonly protocol: "http" | "tcp";
  /** The port inside the instance; absent: the driver chooses one and tells it in PORT. */
  readonly port?: number;
  /** http: a gateway listener with a route to the service. tcp: the one instance's own port. */
  readonly published?: number;
  /** The address to publish on; loopback unless set. */
  readonly host: string;
}

/** An edge of the start order. */
export interface DependencySpec {
  readonly service: string;
  readonly condition: "started" | "ready" | "completed";
  /** false: a missing or failed dependency does not hold the dependant back. */
  readonly isRequired: boolean;
  /** true: restart this service when the dependency was restarted. */
  readonly restartsWithDependency: boolean;
}

/** How readiness is seen. Exactly one of http, tcp, command. */
export interface HealthcheckSpec {
  readonly http?: { readonly path: string; readonly port?: string; readonly status?: number };
  readonly tcp?: { readonly port?: string };
  readonly command?: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failed probes in a row until the instance counts as unhealthy. */
  readonly retries: number;
  /** Failures do not count until this long after the start, unless it was ready once. */
  readonly startPeriodMs: number;
  /** The manifest states the start period, so exits within it do not count either; absent: it is the default. */
  readonly isStartPeriodStated?: true;
}

/** Limits and reservations. What a target cannot honour is refused at plan time. */
export interface ResourcesSpec {
  readonly limits: { readonly cpus?: number; readonly memoryBytes?: number };
  readonly reservations: ResourceAmounts;
  /** Who gets room first; absent: normal. */
  readonly priority?: Priority;
  /** It may stop running instances of a lower class to get room; absent: it waits. */
  readonly preempts?: true;
}

/** Amounts of what a machine has; an absent one is none. */
export interface ResourceAmounts {
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** Whole ones. */
  readonly gpus?: number;
}

/** How the number of instances follows the load (pool WAL). */
export interface ScaleSpec {
  readonly min: number;
  readonly max: number;
  /** Pool WAL that is aimed at (0–1). */
  readonly target: number;
  /** Over which load is averaged. */
  readonly windowMs: number;
  /** What was not needed for this long goes; absent: one and a half starts, between one and five minutes. */
  readonly downAfterMs?: number;
}

/** What happens after an exit that nobody asked for. */
export interface RestartSpec {
  readonly policy: "always" | "on-failure" | "never";
  /** First waiting time after the second quick crash; doubles up to `maxDelayMs`. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** An uptime from which the count of crashes begins anew. */
  readonly resetAfterMs: number;
  /** Crashes in a row after which the instance is in a crash loop. */
  readonly crashLoopAfter: number;
}

/** Request time limits in milliseconds; 0 means none. */
export interface TimeoutsSpec {
  readonly connectMs: number;
  /** Until the response's headers. */
  readonly firstByteMs: number;
  /** Between two pieces of a response body. */
  readonly gapMs: number;
  readonly totalMs: number;
}

/** Retry rules (design §6). */
export interface RetriesSpec {
  /** Further attempts after the first. */
  readonly attempts: number;
  /** Opt-in: retry a non-idempotent request although it may have been executed. */
  readonly isUnsafeAllowed: boolean;
}

/** A model alias and the places that serve it, in order of preference. */
export interface ModelSpec {
  readonly name: string;
  readonly backends: readonly BackendSpec[];
  readonly timeouts: TimeoutsSpec;
  /** Floor of the time until the first content. */
  readonly firstTokenMs?: number;
  /** Other aliases, in order, when no backend of this one can answer. */
  readonly fallbacks?: readonly string[];
  readonly isResumed?: boolean;
  readonly hedge?: { readonly afterMs: number | "learned"; readonly costCap: number };
  readonly cache?: { readonly timeToLiveMs: number; readonly maximumBytes: number };
  readonly limits?: LimitPolicy;
}

/** One place that serves a model. */
export type BackendSpec = BackendUseSpec &
  (
    | { readonly kind: "service"; readonly service: string; readonly model: string }
    | {
        readonly kind: "provider";
        readonly provider: string;
        readonly baseUrl: string;
        readonly model: string;
        /** Name of a secret; the value never stands here. */
        readonly apiKeySecret?: string;
        readonly region?: string;
        /** Its name may stand for private addresses too. */
        readonly network?: "private";
        /** PEM of certificates that are trusted there besides the machine's own. */
        readonly authorities?: string;
      }
  );

/** When a backend is used, and how it differs from the plain OpenAI form. */
export interface BackendUseSpec {
  /** Row of the gateway's table of provider traits. */
  readonly traits?: string;
  /** Absent: always. */
  readonly use?: readonly ("always" | "unavailable" | "saturated")[];
  readonly weight?: number;
  readonly contextTokens?: number;
  /** The engine is told the class of a call, in its api's own order or in the one that stands here. */
  readonly priorityOrder?: "engine" | "lower-first" | "higher-first";
  readonly limits?: LimitPolicy;
}

/** A route of a public listener. */
export interface RouteSpec {
  readonly name: string;
  readonly listener: string;
  readonly match: RouteMatch;
  readonly destination: RouteDestination;
  readonly stripsPrefix: boolean;
  /** Only requests with a known key pass; absent: all do. */
  readonly requiresKey?: boolean;
  /** Absent: normal. */
  readonly priority?: Priority;
  readonly timeouts?: TimeoutsSpec;
  readonly retries?: RetriesSpec;
}

/** What a request must be for a route; absent parts match everything. Longest path, then most conditions wins. */
export interface RouteMatch {
  /** `/api` matches `/api` and `/api/…`, never `/apix`. */
  readonly pathPrefix: string;
  readonly methods?: readonly string[];
  readonly hosts?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a matched request goes. */
export type RouteDestination =
  | { readonly kind: "services"; readonly services: readonly { readonly service: string; readonly weight: number }[] }
  | { readonly kind: "models"; readonly models: readonly string[] };

/** A public listener. */
export interface ListenerSpec {
  readonly host: string;
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: ListenerTls;
  /** Absent: no CORS header is written. */
  readonly cors?: CorsPolicy;
}

/** PEM files of a TLS listener; absolute paths. */
export interface ListenerTls {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Which web pages may call a listener. */
export interface CorsPolicy {
  /** Lower case; `*` is every origin. */
  readonly origins: readonly string[];
  /** Request headers, lower case; `*` is every header. */
  readonly headers: readonly string[];
  /** Never together with the origin `*`. */
  readonly allowsCredentials: boolean;
  readonly maxAgeSeconds: number;
}

/** Public listeners and the size of the gateway. */
export interface GatewaySpec {
  readonly listeners: Readonly<Record<string, ListenerSpec>>;
  /** Worker threads. */
  readonly workers: number;
  /** IANA name; absent: UTC. */
  readonly timeZone?: string;
  /** Longest body of a model call; absent: 16 MiB. */
  readonly maxBodyBytes?: number;
  /** Absent: only virtual keys are taken. */
  readonly jwt?: JwtPolicy;
  /** Absent: each gateway keeps limits alone. */
  readonly limitStore?: LimitStoreSpec;
}

/** Where a secret's value comes from. */
export type SecretSpec = { readonly env: string } | { readonly file: string };

/** A config file's content with its hash; part of the revision, so a rollback brings the old content back. */
export interface ConfigSpec {
  readonly content: string;
  readonly sha256: string;
}
