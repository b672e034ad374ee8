// Why a fault cannot be made here: a code with its values, so that every reader is told in a language of their own. `words` are those of the
// system or of a program, as they came.
import type { Injection } from "./fault.ts";

/** A reason. */
export type InjectorReason =
  /** No process of the victim is known on this machine. */
  | { readonly code: "no-process"; readonly service: string }
  /** It ended since it was chosen. */
  | { readonly code: "process-gone"; readonly service: string }
  /** prlimit(1) is missing, or may not look. */
  | { readonly code: "no-limits"; readonly words: string }
  | { readonly code: "no-proxy"; readonly service: string }
  | { readonly code: "proxy-silent"; readonly service: string; readonly words: string }
  | { readonly code: "no-address"; readonly service: string }
  /** Packets are dropped by root only. */
  | { readonly code: "not-root" }
  | { readonly code: "no-program"; readonly program: string }
  | { readonly code: "program-fails"; readonly program: string; readonly words: string }
  | { readonly code: "no-injector"; readonly kind: Injection["kind"] }
  /** An app that runs is not changed by a drill. */
  | { readonly code: "not-a-copy" }
  /** The request that the fault waits for did not come within its lease. */
  | { readonly code: "no-such-request" }
  | { readonly code: "no-lease-keeper" }
  | { readonly code: "inspector-busy"; readonly port: number }
  | { readonly code: "not-node"; readonly pid: number }
  | { readonly code: "no-inspector"; readonly pid: number }
  | { readonly code: "inspector-closed" }
  | { readonly code: "no-worker" };

/** Thrown where a fault cannot be made; the cause of FB_DRILL_INJECT. */
export class InjectionRefused extends Error {
  readonly why: InjectorReason;

  constructor(why: InjectorReason) {
    const { code, ...values } = why;
    super([code, ...Object.values(values)].join(" "));
    this.name = "InjectionRefused";
    this.why = why;
  }
}
