// Flyball with everything on that it has. What is on stands in `FEATURES` and is printed with the figures; a feature that joins the
// manifest is switched on here and nowhere else.
import { answerKinds, type AnswerKind } from "../upstream/answer-kind.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Upstreams } from "../upstream/start-upstreams.ts";

/** What the measured Flyball does for each request. */
export const FEATURES = {
  /** Aliases in the manifest, used in turn. */
  models: 50,
  /** Virtual keys, used in turn; 0: the route asks for none and clients send none. */
  keys: 1_000,
  /** Rates, tokens and concurrency of each model and of the tenant, too high to be met. */
  limits: true,
  ledger: true,
  /** A learned bound of what runs at once, with its queue. */
  queue: true,
  metrics: true,
} as const;

const kinds = Object.keys(answerKinds) as AnswerKind[];
/** The account of all keys. */
export const TENANT = "bench";
const LIMITS = "limits: { requests: 1M/s, tokens: 1000M/min, concurrency: 10000 }";
const ALIASES = FEATURES.models / kinds.length;

/** The aliases that are answered in this way. */
export function aliasesOf(kind: AnswerKind): readonly string[] {
  return Array.from({ length: ALIASES }, (_, index) => `${kind}-${index}`);
}

/** The manifest: one route to all models, each at one provider of the bench. */
export function flyballManifest(options: {
  readonly port: number;
  readonly workers: number;
  readonly upstreams: Upstreams;
}): string {
  const { port, workers, upstreams } = options;
  const models = kinds.flatMap((kind) =>
    aliasesOf(kind).map(
      (alias) =>
        `  ${alias}: { backends: [{ provider: ${kind}, base_url: "${upstreams.baseUrl(kind)}", model: ${UPSTREAM_MODEL} }], ${LIMITS} }`,
    ),
  );
  return `name: bench
tenants: { ${TENANT}: { ${LIMITS} } }
models:
${models.join("\n")}
routes:
  - { path: /v1, models: [${kinds.flatMap(aliasesOf).join(", ")}], requires_key: true }
gateway:
  listeners: { public: { port: ${port} } }
  workers: ${workers}
`;
}
