// What the referee needs of the machine and of who makes faults, handed in by whoever puts it together.
import type { ProcessIdentity } from "@flyball/core";
import type { Injector } from "../injector.ts";

/** The hands. */
export interface RunHands {
  /** Those that make faults; `own` are the referee's, which a compound may need too. */
  injectors(own: readonly Injector[], faultFolder: string): readonly Injector[];
  /** All processes that carry a tag, or a tag below it when it ends in `/`. */
  processesOf(tag: string): Promise<readonly ProcessIdentity[]>;
  /** The process with this number now; undefined: there is none. */
  processWith(pid: number): ProcessIdentity | undefined;
  /** Requests that came to the fault proxy with this control socket since it began; undefined: it does not say. */
  arrivalsAt(proxySocket: string): Promise<number | undefined>;
}
