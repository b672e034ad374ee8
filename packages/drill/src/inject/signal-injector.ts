// Kills or freezes. A process that was stopped is continued whatever becomes of the drill.
import { InjectionRefused } from "../injector-reason.ts";
import type { Injector, Victim } from "../injector.ts";
import type { Injection } from "../fault.ts";
import { holdLease, injectFailed, type FaultContext } from "./hold-lease.ts";
import { sendSignal } from "./undo-steps.ts";

type SignalInjection = Extract<Injection, { readonly kind: "signal" }>;

/** SIGKILL and SIGSTOP go to all processes of the victim, in one turn; others to its first alone. */
export function createSignalInjector(context: FaultContext): Injector {
  return {
    kind: "signal",
    whyNot: async (_order, { processes, service }) =>
      processes.length === 0 ? { code: "no-process", service } : undefined,
    async inject(order, victim, abort) {
      const { signal } = order.injection as SignalInjection;
      if (signal !== "SIGSTOP") {
        abort.throwIfAborted();
        const isForAll = signal === "SIGKILL";
        sendAll({ ...victim, processes: isForAll ? victim.processes : victim.processes.slice(0, 1) }, signal, order);
        return { injectedAt: context.clock.now(), undo: () => Promise.resolve() };
      }
      const fault = {
        order,
        steps: () => [{ undo: "continue", processes: victim.processes } as const],
        make: () => sendAll(victim, signal, order),
      };
      return holdLease(context, fault, abort);
    },
  };
}

function sendAll(
  { processes, service }: Victim,
  name: SignalInjection["signal"],
  order: { readonly fault: string },
): void {
  const reached = processes.filter((identity) => sendSignal(identity, name));
  if (reached.length === 0) throw injectFailed(order, new InjectionRefused({ code: "process-gone", service }));
}
