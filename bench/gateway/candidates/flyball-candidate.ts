// Flyball with everything on that it has. What is on stands in `FEATURES` and is printed with the figures; a feature that joins the
// manifest is switched on here and nowhere else.
import { answerKinds, type AnswerKind } from "../upstream/answer-kind.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Upstreams } from "../upstream/start-upstreams.ts";

/** What a measured Flyball does for each request. */
export interface Features {
  /** Aliases in the manifest, used in turn; 0: its route passes plain HTTP on. */
  readonly models: number;
  /** Virtual keys, used in turn; 0: the route asks for none and clients send none. */
  readonly keys: number;
  /** Rates, tokens and concurrency of each model and of the tenant, too high to be met. */
  readonly limits: boolean;
  readonly ledger: boolean;
  /** A learned bound of what runs at once, with its queue. */
  readonly queue: boolean;
  readonly metrics: boolean;
}

/** Everything. */
export const FEATURES: Features = { models: 50, keys: 1_000, limits: true, ledger: true, queue: true, metrics: true };

const kinds = Object.keys(answerKinds) as AnswerKind[];
/** The account of all keys. */
export const TENANT = "bench";
const LIMITS = "limits: { requests: 1M/s, tokens: 1000M/min, concurrency: 10000 }";

/** The aliases that are answered in this way. */
export function aliasesOf(kind: AnswerKind, { models }: Features = FEATURES): readonly string[] {
  return Array.from({ length: models / kinds.length }, (_, index) => `${kind}-${index}`);
}

interface ManifestOptions {
  readonly port: number;
  readonly workers: number;
  readonly upstreams: Upstreams;
  readonly features: Features;
}

/** The manifest: one route to all models, each at one provider of the bench; without models, to one service for each kind of answer. */
export function flyballManifest(options: ManifestOptions): string {
  const { port, workers, features } = options;
  return `name: bench
${features.models === 0 ? plainParts(options) : modelParts(options)}
gateway:
  listeners: { public: { port: ${port} } }
  workers: ${workers}
`;
}

function modelParts({ upstreams, features }: ManifestOptions): string {
  const limits = features.limits ? `, ${LIMITS}` : "";
  const models = kinds.flatMap((kind) =>
    aliasesOf(kind, features).map(
      (alias) =>
        `  ${alias}: { backends: [{ provider: ${kind}, base_url: "${upstreams.baseUrl(kind)}", model: ${UPSTREAM_MODEL} }]${limits} }`,
    ),
  );
  const all = kinds.flatMap((kind) => aliasesOf(kind, features)).join(", ");
  const tenants = features.keys > 0 ? `tenants: { ${TENANT}: { ${features.limits ? LIMITS : ""} } }\n` : "";
  return `${tenants}models:
${models.join("\n")}
routes:
  - { path: /v1, models: [${all}], requires_key: ${features.keys > 0} }`;
}

function plainParts({ upstreams }: ManifestOptions): string {
  const origins = kinds.map((kind) => ({ kind, origin: new URL(upstreams.baseUrl(kind)).origin }));
  return `services:
${origins.map(({ kind, origin }) => `  ${kind}: { external: "${origin}" }`).join("\n")}
routes:
${origins.map(({ kind }) => `  - { path: /${kind}, service: ${kind} }`).join("\n")}`;
}
