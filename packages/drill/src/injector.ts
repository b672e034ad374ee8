// The contract between the referee and who makes faults. An injection is a lease: it ends by `undo`, by its time, or by the death of the process that holds it,
// whichever comes first.
import type { FaultDefinition } from "./fault.ts";

/** A process or endpoint that was chosen. */
export interface Victim {
  readonly service: string;
  readonly ordinal?: number;
  /** Processes that carry its tag, its own first. */
  readonly pids: readonly number[];
  readonly address?: { readonly host: string; readonly port: number };
  /** Control socket of the fault proxy in front of it; absent: none stands there. */
  readonly proxySocket?: string;
}

/** A fault in force. Times are wall milliseconds of this machine. */
export interface InjectedFault {
  readonly injectedAt: number;
  /** Takes it back; more than once does no harm. */
  undo(): Promise<void>;
}

/** Makes one kind of injection. */
export interface Injector {
  readonly kind: FaultDefinition["injection"]["kind"];
  /** Why it cannot be done here; undefined: it can. */
  whyNot(fault: FaultDefinition, victim: Victim): Promise<string | undefined>;
  inject(fault: FaultDefinition, victim: Victim, signal: AbortSignal): Promise<InjectedFault>;
}
