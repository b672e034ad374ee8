// A worker's side of the arbiter, wherever that runs. Nothing is answered: grants come by themselves.
import type { ScheduledRequest, Standing } from "@flyball/traffic";
import type { ArbiterPool } from "./arbiter-messages.ts";
import type { TenantWeights } from "./pool-knobs.ts";

/** The line. Pools are named by their numbers. */
export interface ArbiterLine {
  /** They wait from now on. Those who are named together are all in order before one of them goes. */
  arrive(pool: number, requests: readonly ScheduledRequest[]): void;
  leave(pool: number, id: number): void;
  /** One that was granted is over. */
  end(pool: number, id: number, outputTokens: number): void;
  /** Requests of a tenant that needed no queue brought this much work. */
  offer(pool: number, tenant: string, classIndex: number, workMs: number): void;
  /** Something has become free. */
  look(): void;
  /** Where a request stands. */
  explain(pool: number, id: number): Promise<Standing>;
  /** Only where the arbiter runs inside. */
  setPools?(pools: readonly ArbiterPool[], tenantWeights?: TenantWeights): void;
}
