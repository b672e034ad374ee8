// Sets a rule of the fault proxy. The proxy itself ends it with the lease, or when the connection of this process closes.
import { sleep, type Clock } from "@flyball/core";
import type { Injection, ProxyRule } from "../fault.ts";
import { InjectionRefused } from "../injector-reason.ts";
import type { Injector } from "../injector.ts";
import { injectFailed } from "./hold-lease.ts";
import { askProxy, setProxyRule, type SetRule } from "./proxy-client.ts";

/** For victims before which a fault proxy stands. */
export function createProxyInjector({ clock }: { readonly clock: Clock }): Injector {
  /** The fault is the death of the program, not the rule that waits for its request. */
  const untilGone = async (set: SetRule, leaseMs: number, signal: AbortSignal): Promise<void> => {
    const over = new AbortController();
    const late = sleep(clock, leaseMs, AbortSignal.any([signal, over.signal])).then(() =>
      Promise.reject(new InjectionRefused({ code: "no-such-request" })),
    );
    await Promise.race([set.gone, late]).finally(() => over.abort());
  };
  return {
    kind: "proxy",
    async whyNot(_order, { proxySocket, service }) {
      if (proxySocket === undefined) return { code: "no-proxy", service };
      return askProxy(proxySocket, "status").then(
        () => undefined,
        (error: NodeJS.ErrnoException) =>
          ({ code: "proxy-silent", service, words: error.code ?? error.message }) as const,
      );
    },
    async inject(order, { proxySocket = "" }, signal) {
      const { rule } = order.injection as Extract<Injection, { readonly kind: "proxy" }>;
      try {
        const set = await setProxyRule(proxySocket, { rule, leaseMs: order.leaseMs }, signal);
        if (endsProgram(rule)) await untilGone(set, order.leaseMs, signal).catch((error: unknown) => fail(set, error));
        return { injectedAt: clock.now(), undo: set.clear };
      } catch (error) {
        throw injectFailed(order, error);
      }
    },
  };
}

async function fail(set: SetRule, error: unknown): Promise<never> {
  await set.clear();
  throw error;
}

function endsProgram(rule: ProxyRule): boolean {
  return rule.rule === "health-lies" ? endsProgram(rule.inner) : rule.rule === "killed-at-request";
}
