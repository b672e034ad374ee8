// The contract between the referee and who makes faults. An injection is a lease: it ends by `undo`, by its time, or by the death of the process that holds it,
// whichever comes first.
import type { ProcessIdentity } from "@flyball/core";
import type { Injection } from "./fault.ts";
import type { InjectorReason } from "./injector-reason.ts";

/** A process or endpoint that was chosen. */
export interface Victim {
  readonly service: string;
  readonly ordinal?: number;
  /** Processes that carry its tag, its own first (the fault proxy where one stands in front). A pid that was given to another process meanwhile is left alone. */
  readonly processes: readonly ProcessIdentity[];
  readonly address?: { readonly host: string; readonly port: number };
  /** Control socket of the fault proxy in front of it; absent: none stands there. */
  readonly proxySocket?: string;
}

/** A fault in force. Times are wall milliseconds of this machine. */
export interface InjectedFault {
  readonly injectedAt: number;
  /** Of several parts: resolves when the last is made, rejects when one could not be. */
  readonly whole?: Promise<void>;
  /** Takes it back; more than once does no harm. */
  undo(): Promise<void>;
}

/** What to inject. A compound gives its parts the same lease. */
export interface InjectionOrder {
  /** Id of the fault, for records and messages. */
  readonly fault: string;
  readonly injection: Injection;
  readonly leaseMs: number;
}

/** Makes one kind of injection. */
export interface Injector {
  readonly kind: Injection["kind"];
  /** Why it cannot be done here; undefined: it can. */
  whyNot(order: InjectionOrder, victim: Victim): Promise<InjectorReason | undefined>;
  /** Throws FB_DRILL_INJECT; an `InjectionRefused` as its cause says why. */
  inject(order: InjectionOrder, victim: Victim, signal: AbortSignal): Promise<InjectedFault>;
}
