// Several faults at once or one after the other, undone in reverse order. Kinds without an injector here (load, release, upgrade) come from
// whoever runs the load.
import { sleep, type Clock } from "@flyball/core";
import type { Injection } from "../fault.ts";
import { InjectionRefused } from "../injector-reason.ts";
import type { InjectedFault, InjectionOrder, Injector } from "../injector.ts";
import { injectFailed } from "./hold-lease.ts";

type Compound = Extract<Injection, { readonly kind: "compound" }>;

/** Puts together what the others do. All parts hit the same victim; a later part is lost when the fault is undone before its time. */
export function createCompoundInjector(context: {
  readonly clock: Clock;
  readonly injectors: readonly Injector[];
}): Injector {
  const { clock, injectors } = context;
  const find = (kind: Injection["kind"]): Injector | undefined => injectors.find((each) => each.kind === kind);
  return {
    kind: "compound",
    async whyNot(order, victim) {
      for (const part of partsOf(order)) {
        const { kind } = part.order.injection;
        const injector = find(kind);
        const reason = injector ? await injector.whyNot(part.order, victim) : ({ code: "no-injector", kind } as const);
        if (reason !== undefined) return reason;
      }
      return undefined;
    },
    async inject(order, victim, signal) {
      const made: InjectedFault[] = [];
      const over = new AbortController();
      const undo = async (): Promise<void> => {
        over.abort();
        await later.catch(() => undefined);
        for (const fault of made.toReversed()) await fault.undo();
      };
      const makePart = async (part: TimedOrder, patience: AbortSignal): Promise<void> => {
        const injector = find(part.order.injection.kind);
        if (!injector) throw missing(part.order);
        made.push(await injector.inject(part.order, victim, patience));
      };
      const parts = partsOf(order).toSorted((a, b) => a.afterMs - b.afterMs);
      const startedAt = clock.monotonic();
      let later: Promise<void> = Promise.resolve();
      try {
        for (const part of parts.filter(({ afterMs }) => afterMs === 0)) await makePart(part, signal);
      } catch (error) {
        await undo();
        throw error;
      }
      const patience = AbortSignal.any([signal, over.signal]);
      later = (async (): Promise<void> => {
        for (const part of parts.filter(({ afterMs }) => afterMs > 0)) {
          await sleep(clock, Math.max(0, startedAt + part.afterMs - clock.monotonic()), patience);
          await makePart(part, patience);
        }
      })();
      later.catch(() => undefined);
      return { injectedAt: made[0]?.injectedAt ?? clock.now(), undo, whole: later };
    },
  };
}

interface TimedOrder {
  readonly afterMs: number;
  readonly order: InjectionOrder;
}

function partsOf({ fault, injection, leaseMs }: InjectionOrder): readonly TimedOrder[] {
  return (injection as Compound).parts.map(({ afterMs, injection: part }) => ({
    afterMs,
    order: { fault, injection: part, leaseMs: Math.max(1, leaseMs - afterMs) },
  }));
}

function missing(order: InjectionOrder): unknown {
  return injectFailed(order, new InjectionRefused({ code: "no-injector", kind: order.injection.kind }));
}
