// The endpoints of a snapshot that serve models, and where their metrics are.
import type { Address, Snapshot } from "@flyball/core";

/** One of them. */
export interface ModelEndpoint {
  readonly id: string;
  readonly pool: string;
  /** Requests at once that the manifest allows; undefined: it does not say. */
  readonly maxActive: number | undefined;
  /** Mean time between tokens that the manifest wants, ms; undefined: it does not say. */
  readonly itlObjectiveMs: number | undefined;
  /** Of its metrics; undefined: it is no engine that is known to have them. */
  readonly metricsUrl: string | undefined;
}

/** Rows of the table of provider traits that are engines with metrics; those of `serve` have vLLM's. */
const ENGINES: ReadonlySet<string> = new Set(["vllm", "sglang", "llama-cpp", "simulated", "extractive"]);

/** All of them, once each. */
export function modelEndpoints({ models, pools }: Snapshot): readonly ModelEndpoint[] {
  const serving = new Map<string, boolean>();
  for (const { backends } of models) {
    for (const backend of backends) {
      if (backend.kind !== "pool") continue;
      const isEngine = ENGINES.has(backend.traits ?? "");
      serving.set(backend.pool, isEngine || (serving.get(backend.pool) ?? false));
    }
  }
  return pools.flatMap(({ id: pool, endpoints, schedule }) => {
    const isEngine = serving.get(pool);
    if (isEngine === undefined) return [];
    return endpoints.map(({ id, address, maxActive }) => ({
      id,
      pool,
      maxActive,
      itlObjectiveMs: schedule?.itlObjectiveMs,
      metricsUrl: isEngine ? metricsUrl(address) : undefined,
    }));
  });
}

function metricsUrl({ host, port }: Address): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/metrics`;
}
