// Many times the usual load, for as long as the lease lasts.
import type { Injector } from "../injector.ts";
import type { OpenLoop } from "./open-loop.ts";

/** An injector that raises the rate of one load. */
export function createLoadInjector(options: {
  readonly loop: Pick<OpenLoop, "setRate">;
  readonly perSecond: number;
  readonly now: () => number;
}): Injector {
  const { loop, perSecond, now } = options;
  return {
    kind: "load",
    whyNot: () => Promise.resolve(undefined),
    inject({ injection, leaseMs }) {
      if (injection.kind !== "load") throw new Error(`${injection.kind} is not load`);
      loop.setRate(perSecond * injection.factor);
      const undo = (): Promise<void> => {
        clearTimeout(lease);
        loop.setRate(perSecond);
        return Promise.resolve();
      };
      const lease = setTimeout(() => void undo(), leaseMs);
      return Promise.resolve({ injectedAt: now(), undo });
    },
  };
}
