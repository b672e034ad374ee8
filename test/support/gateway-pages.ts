// What the gateway says of itself on its admin listener: the load of each endpoint now, and its counts.
import type { AppRig } from "./app-rig.ts";

/** An endpoint of the live view. */
export interface EndpointLoad {
  readonly id: string;
  /** `127.0.0.1:4711` */
  readonly address: string;
  readonly state: "serving" | "draining";
  readonly inFlight: number;
}

/** The pages of one gateway. */
export interface GatewayPages {
  endpoints(pool: string): Promise<readonly EndpointLoad[]>;
  /** Sum of a counter's series whose labels hold all of `labels`. */
  count(metric: string, labels: Readonly<Record<string, string>>): Promise<number>;
}

/** Finds the admin listener by the app's status. */
export async function openGatewayPages(rig: AppRig): Promise<GatewayPages> {
  const listener = (await rig.status()).listeners.find(({ kind }) => kind === "admin");
  if (listener === undefined) throw new Error("the app has no admin listener");
  const base = `http://${listener.address.host}:${listener.address.port}`;
  return {
    async endpoints(pool) {
      const response = await fetch(`${base}/endpoints`);
      const view = (await response.json()) as { pools: { id: string; endpoints: EndpointLoad[] }[] };
      return view.pools.find(({ id }) => id === pool)?.endpoints ?? [];
    },
    async count(metric, labels) {
      const response = await fetch(`${base}/metrics`);
      return sumOf(await response.text(), metric, labels);
    },
  };
}

function sumOf(exposition: string, metric: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return exposition
    .split("\n")
    .filter((line) => line.startsWith(`${metric}{`) && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
