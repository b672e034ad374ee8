// Sets a rule of the fault proxy. The proxy itself ends it with the lease, or when the connection of this process closes.
import type { Clock } from "@flyball/core";
import type { Injection } from "../fault.ts";
import type { Injector } from "../injector.ts";
import { injectFailed } from "./hold-lease.ts";
import { askProxy, setProxyRule } from "./proxy-client.ts";

/** For victims before which a fault proxy stands. */
export function createProxyInjector({ clock }: { readonly clock: Clock }): Injector {
  return {
    kind: "proxy",
    async whyNot(_order, { proxySocket, service }) {
      if (proxySocket === undefined) return `no fault proxy stands before ${service}`;
      return askProxy(proxySocket, "status").then(
        () => undefined,
        (error: NodeJS.ErrnoException) =>
          `the fault proxy of ${service} does not answer (${error.code ?? error.message})`,
      );
    },
    async inject(order, { proxySocket = "" }, signal) {
      const { rule } = order.injection as Extract<Injection, { readonly kind: "proxy" }>;
      try {
        const set = await setProxyRule(proxySocket, { rule, leaseMs: order.leaseMs }, signal);
        return { injectedAt: clock.now(), undo: set.clear };
      } catch (error) {
        throw injectFailed(order, error);
      }
    },
  };
}
