// Faults that are changes of the app itself (a release, an upgrade of the gateway): whoever forked the referee makes them, as a person would.
import type { Injection } from "../fault.ts";
import type { Injector } from "../injector.ts";

/** A change of the app. */
export type AppChange = Extract<Injection, { readonly kind: "release" | "upgrade" }>;

/** Asks for changes. Both reject with the reason. */
export interface ChangeMaker {
  /** Resolves with the wall time at which it was accepted. */
  make(change: AppChange, place: { readonly service: string; readonly leaseMs: number }): Promise<number>;
  /** The app as it was before; harmless when it is so already. */
  undo(): Promise<void>;
}

/** An injector of one kind of change. The lease ends it while this process lives; whoever forked it ends it with this process. */
export function createChangeInjector(kind: AppChange["kind"], maker: ChangeMaker | undefined): Injector {
  return {
    kind,
    whyNot: () => Promise.resolve(maker === undefined ? { code: "not-a-copy" } : undefined),
    async inject({ injection, leaseMs }, { service }) {
      if (maker === undefined || (injection.kind !== "release" && injection.kind !== "upgrade"))
        throw new Error(`${injection.kind} is no change of the app`);
      const injectedAt = await maker.make(injection, { service, leaseMs });
      let undone: Promise<void> | undefined;
      const undo = (): Promise<void> => {
        clearTimeout(lease);
        return (undone ??= maker.undo());
      };
      const lease = setTimeout(() => void undo().catch(() => undefined), leaseMs);
      return { injectedAt, undo };
    },
  };
}
