// What a worker says of its endpoints and pools ten times a second while there is something to say: sums since the last time, and what waits now.
// Before it says it, it judges what waits.
import { predictWaitMs } from "@flyball/traffic";
import { takeEvidence, type ReportedEvidence } from "../evidence/endpoint-evidence.ts";
import type { PoolQueue } from "../evidence/load-book.ts";
import { takePoolSums, type PoolSums } from "../evidence/pool-evidence.ts";
import { createExcusedWaits } from "../evidence/excused-waits.ts";
import type { Standing } from "../evidence/standing.ts";
import { lookAtWaits, type Waits } from "../evidence/running-attempts.ts";
import { allowedConcurrency } from "../schedule/pool-queue.ts";
import { sayGates } from "../schedule/say-gates.ts";
import { usualWaiting } from "../schedule/usual-waiting.ts";
import { judgeWaits } from "../stages/judge-waits.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Pool } from "./pool.ts";
import type { PoolRegistry } from "./pool-registry.ts";
import type { WorkerContext } from "./worker-context.ts";
import type { FromWorker } from "./worker-messages.ts";

/** How often evidence goes to the main thread while there is some. */
export const REPORT_EVERY_MS = 100;
/** A worker that comes this much later than it should has answers to read that are there already: what waits proves nothing. */
const LATE_MS = 150;

/** Creates what is to be called every `REPORT_EVERY_MS`. */
export function createReport(
  context: WorkerContext,
  registry: PoolRegistry,
  send: (message: FromWorker) => void,
): () => void {
  const { clock } = context;
  const excuses = createExcusedWaits();
  let hadQueues = false;
  let lookedAt = clock.monotonic();
  return () => {
    if (context.schedule) sayGates(context.schedule, registry.pools());
    const now = clock.monotonic();
    const isLate = now - lookedAt > REPORT_EVERY_MS + LATE_MS;
    lookedAt = now;
    const seen = new Map<Endpoint, Waits>();
    for (const endpoint of registry.endpoints()) {
      if (endpoint.running.oldest !== undefined) {
        seen.set(endpoint, lookAtWaits(endpoint.running, now, endpoint.breaker.era));
      }
    }
    const pools = [...registry.pools()];
    const waits = excuses.of(pools, seen, now);
    if (!isLate) {
      for (const pool of pools) {
        for (const endpoint of judgeWaits(context, pool, waits)) {
          send({ type: "ejected", endpoint: endpoint.id, cause: "stuck" });
        }
      }
    }
    const queues = pools.flatMap(queueOf);
    const message: FromWorker = {
      type: "evidence",
      endpoints: [...registry.endpoints()].flatMap((endpoint) => {
        const standing = standingOf(context, endpoint, { waits: waits.get(endpoint), isLate });
        return standing === undefined ? [] : reportOf(endpoint, standing);
      }),
      pools: pools.flatMap(({ sums, isProvider }) => (hasNews(sums) && !isProvider ? takePoolSums(sums) : [])),
      queues,
    };
    // Once more when nobody waits any longer: the main thread is to know that too.
    if (message.endpoints.length + message.pools.length + queues.length > 0 || hadQueues) send(message);
    hadQueues = queues.length > 0;
    registry.forgetGone();
  };
}

function reportOf(endpoint: Endpoint, standing: Standing): ReportedEvidence {
  endpoint.wasStanding = standing.count > 0 || standing.ejected !== undefined;
  return { ...takeEvidence(endpoint.evidence), standing };
}

/** undefined: there is nothing to say of it. */
function standingOf(
  context: WorkerContext,
  endpoint: Endpoint,
  { waits, isLate }: { readonly waits: Waits | undefined; readonly isLate: boolean },
): Standing | undefined {
  const { evidence, breaker, wasStanding, isRemoved } = endpoint;
  const isEjected = !isRemoved && breaker.phase !== "closed" && !breaker.isSuspected;
  if (!evidence.hasNews && waits === undefined && isEjected === wasStanding) return undefined;
  return {
    count: waits?.count ?? 0,
    oldestWaitMs: waits?.oldestWaitMs ?? 0,
    stuck: isLate ? undefined : (waits?.stuck ?? 0),
    oldestSilenceMs: waits?.oldestSilenceMs ?? 0,
    stuckStreams: isLate ? undefined : (waits?.stuckStreams ?? 0),
    ejected: isEjected ? { since: ejectedSince(context, endpoint), reason: breaker.cause } : undefined,
  };
}

/** The same in every report: wall time and monotonic time do not run alike. */
function ejectedSince({ clock }: WorkerContext, endpoint: Endpoint): number {
  const { ejectedAt: monotonic } = endpoint.breaker;
  if (endpoint.ejectedSince?.monotonic !== monotonic) {
    endpoint.ejectedSince = { wall: Math.round(clock.now() - (clock.monotonic() - monotonic)), monotonic };
  }
  return endpoint.ejectedSince?.wall ?? 0;
}

function hasNews({ hasNews: isNew, ended, refused }: PoolSums): boolean {
  return isNew || ended > 0 || refused > 0;
}

function queueOf({ id, gate, waitingRoom, queue, isProvider }: Pool): PoolQueue[] {
  const queued = waitingRoom.size + (queue?.waiting.size ?? 0);
  if (queued === 0 || isProvider) return [];
  // Those of a scheduled pool wait for what all workers have, and so do those of the others.
  const all = queue === undefined ? queued : queue.schedule.memory.counts.from(queue.number, 0);
  const concurrency = queue === undefined ? gate.limit : allowedConcurrency(queue);
  const waiting = waitingRoom.size + (queue === undefined ? 0 : usualWaiting(queue));
  return [
    { pool: id, queued, waiting, waitMs: predictWaitMs({ queued: all, serviceMs: gate.serviceMs, concurrency }) },
  ];
}
