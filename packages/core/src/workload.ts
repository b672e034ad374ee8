// What a driver is asked to run: one service of one revision, with everything that decides whether an instance must be replaced.
// The hash covers the fields here and nothing else; addresses and ports of others come in the start context and never replace an instance.
import type { HealthcheckSpec, PortSpec, ResourcesSpec, ServiceKind } from "./app-spec.ts";

/** One service as a driver runs it. */
export interface Workload {
  readonly app: string;
  readonly clone: string;
  readonly service: string;
  readonly kind: ServiceKind;
  /** Hash of all fields below; two workloads with one hash are the same program. */
  readonly specHash: string;
  readonly command?: readonly string[];
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile?: string };
  readonly workingDirectory: string;
  /** With `${secrets.x}`, `${instance.port}`, `${services.x.address}` unresolved. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly PortSpec[];
  readonly volumes: readonly { readonly volume: string; readonly path: string }[];
  readonly configs: readonly { readonly name: string; readonly content: string; readonly sha256: string }[];
  readonly secrets: readonly string[];
  readonly resources: ResourcesSpec;
  readonly healthcheck?: HealthcheckSpec;
  readonly stopSignal: string;
  readonly stopGraceMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is known only at start and may differ from start to start. */
export interface StartContext {
  readonly revision: number;
  /** `${services.x.address}` → `host:port`. */
  readonly serviceAddresses: Readonly<Record<string, string>>;
  /** FLYBALL_<SERVICE>_URL, model grants and the like. Values may hold `${secrets.x}`. */
  readonly environment: Readonly<Record<string, string>>;
}
