// Opens the admin listeners of a snapshot and answers their pages.
import type { Snapshot } from "@flyball/core";
import { startAdminServer, type AdminPages } from "../admin/admin-server.ts";
import { viewPools } from "../admin/endpoints-view.ts";
import { listLeftAlone } from "../admin/left-alone.ts";
import { mainFamilies } from "../metrics/main-metrics.ts";
import { traceFamilies } from "../metrics/state-families.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { reportListenFailure } from "./receive-from-worker.ts";

/** Opens what is not open yet; a failure is reported and does not hold the snapshot back. */
export async function openAdmin(parts: GatewayParts, snapshot: Snapshot): Promise<void> {
  for (const { id, kind } of snapshot.listeners) {
    if (kind !== "admin" || parts.admin.has(id)) continue;
    const descriptor = parts.options.listeners.find((listener) => listener.id === id)?.fds[0];
    if (descriptor === undefined) continue;
    try {
      parts.admin.set(id, await startAdminServer(descriptor, adminPages(parts)));
    } catch (error) {
      reportListenFailure(parts, id, error instanceof Error ? error.message : String(error));
    }
  }
}

/** Reports each listener of a snapshot for which no socket was inherited. */
export function reportMissingListeners(parts: GatewayParts, snapshot: Snapshot): void {
  const inherited = new Set(parts.options.listeners.map(({ id }) => id));
  for (const { id } of snapshot.listeners) {
    if (!inherited.has(id)) reportListenFailure(parts, id, "no socket was inherited for it");
  }
}

function adminPages(parts: GatewayParts): AdminPages {
  const { holder, fleet, collector, reader, options } = parts;
  const views = () => (holder.current ? viewPools(holder.current, reader, parts.loads.waitingOf) : []);
  return {
    health: () => ({
      isReady: parts.isReady,
      status: parts.isReady ? "ready" : "starting",
      snapshotVersion: holder.current?.version ?? 0,
      revision: holder.current?.revision ?? 0,
      generation: options.generation,
      workers: fleet.size,
      isLinked: parts.link.isConnected,
      limitsDividedBy: parts.limits.dividedBy(),
    }),
    explain: (requestId) => parts.explanations.ask(requestId),
    endpoints: () => ({
      snapshotVersion: holder.current?.version ?? 0,
      pools: views(),
      leftAlone: holder.current ? listLeftAlone(holder.current, parts.rests) : [],
    }),
    predictions: () => parts.learning.predictions(),
    async metrics() {
      const workers = Array.from({ length: options.workers }, (_, index) => index);
      const families = await collector.collect(workers, (worker, id) => fleet.send(worker, { type: "collect", id }));
      const own = mainFamilies({
        pools: views(),
        loads: parts.loads.weightedAverageLoads(),
        snapshotVersion: holder.current?.version ?? 0,
        workers: fleet.size,
        workerRestarts: fleet.restarts,
        arbiterRestarts: parts.schedule.arbiterRestarts,
        limitStore: parts.limits.storeRoundTrips(),
        shares: parts.schedule.shares,
      });
      return [...families, ...own, ...traceFamilies(parts.traces?.stats)];
    },
  };
}
