// Cuts a victim off: packets to and from its port vanish, connections that stand included.
import { isIPv6 } from "node:net";
import type { Injection } from "../fault.ts";
import type { Injector, Victim } from "../injector.ts";
import { holdLease, type FaultContext } from "./hold-lease.ts";
import { chainName, losePackets, whyNoFilter, type FilterProgram } from "./packet-filter.ts";

type NetworkInjection = Extract<Injection, { readonly kind: "network" }>;

/** Needs root and iptables; `whyNot` says what is missing. */
export function createNetworkInjector(context: FaultContext): Injector {
  return {
    kind: "network",
    whyNot: async (_order, victim) =>
      victim.address === undefined ? { code: "no-address", service: victim.service } : whyNoFilter(programOf(victim)),
    inject(order, victim, signal) {
      const { direction, method } = order.injection as NetworkInjection;
      const program = programOf(victim);
      const port = victim.address?.port ?? 0;
      const fault = {
        order,
        steps: (id: string) => [{ undo: "chain", program, chain: chainName(id) } as const],
        make: (id: string) => losePackets(program, { chain: chainName(id), port, direction, method }),
      };
      return holdLease(context, fault, signal);
    },
  };
}

function programOf({ address }: Victim): FilterProgram {
  return address && isIPv6(address.host) ? "ip6tables" : "iptables";
}
