// From a choice to processes, addresses and control sockets: what an injector needs.
import { join } from "node:path";
import type { ProcessIdentity } from "@flyball/core";
import type { Victim } from "../injector.ts";
import type { ChosenVictim } from "./choose-victim.ts";
import type { RefereeOrder } from "./referee-order.ts";
import type { RunHands } from "./run-hands.ts";

/** The victims of a choice: one, or each instance of a dependency. */
export async function findVictims(
  { service, instances }: ChosenVictim,
  order: Pick<RefereeOrder, "appTag" | "keeperPid" | "proxyFolder" | "facts">,
  hands: Pick<RunHands, "processesOf" | "processWith">,
): Promise<readonly Victim[]> {
  if (service === "@keeper") {
    const keeper = hands.processWith(order.keeperPid);
    return [{ service, processes: keeper === undefined ? [] : [keeper] }];
  }
  if (instances.length === 0) return [{ service, processes: await hands.processesOf(`${order.appTag}/${service}/`) }];
  const hasProxy = order.facts.some((fact) => fact.service === service && fact.hasProxy);
  return await Promise.all(
    instances.map(async ({ ordinal, pid, port }) => ({
      service,
      ordinal,
      processes: ownFirst(await hands.processesOf(`${order.appTag}/${service}/${ordinal}`), pid),
      ...(port === null ? {} : { address: { host: "127.0.0.1", port } }),
      ...(hasProxy && port !== null ? { proxySocket: join(order.proxyFolder, `${port}.sock`) } : {}),
    })),
  );
}

function ownFirst(processes: readonly ProcessIdentity[], pid: number): readonly ProcessIdentity[] {
  return processes.toSorted((a, b) => Number(b.pid === pid) - Number(a.pid === pid));
}
