// What a driver brings to the conformance suite: itself on a target, and programs for that target which behave as the suite asks.
import type { Workload } from "@flyball/core";
import type { Driver } from "../driver.ts";

/** What an instance shall do. */
export type ConformanceProgram =
  /** Runs until its stop signal, then ends at once. */
  | { readonly kind: "steady" }
  /** Runs and ignores every signal that can be ignored; prints `ready` once it does. */
  | { readonly kind: "stubborn" }
  /** Ends by itself. */
  | { readonly kind: "exits"; readonly code: number; readonly afterMs: number }
  /** Prints these lines on standard output, then runs until its stop signal. */
  | { readonly kind: "prints"; readonly lines: readonly string[] }
  /** Starts a grandchild in a session of its own that ignores signals, prints its pid as one line, then runs until its stop signal. */
  | { readonly kind: "detaches" }
  /** Cannot be started. */
  | { readonly kind: "unstartable" };

/** What the suite decides of a workload; the rest is the subject's. */
export interface ConformanceWish {
  readonly service: string;
  readonly specHash: string;
  readonly program: ConformanceProgram;
  readonly ports: Workload["ports"];
  readonly stopGraceMs: number;
}

/** A driver on a target of its own. */
export interface ConformanceHarness {
  readonly driver: Driver;
  /** A new driver on the same target, as after a restart of control. The earlier one is used no more. */
  reconnect(): Promise<Driver>;
  /** Ends all instances and the target. */
  dispose(): Promise<void>;
}

/** One driver under the suite. */
export interface ConformanceSubject {
  readonly name: string;
  /** `describe` and `it` of the test library. */
  readonly test: {
    describe(name: string, body: () => void): void;
    it(name: string, body: () => Promise<void>, timeoutMs: number): void;
  };
  create(): Promise<ConformanceHarness>;
  makeWorkload(wish: ConformanceWish): Workload;
  /** A change that makes any workload one that this driver refuses, and the field that it names. */
  readonly refused: { readonly change: Partial<Workload>; readonly field: string };
  /** For drivers that run commands. */
  readonly commands?: {
    readonly succeeding: { readonly command: readonly string[]; readonly output: string };
    readonly failing: { readonly command: readonly string[]; readonly code: number };
    readonly hanging: { readonly command: readonly string[] };
  };
  /** For drivers whose instances are processes of this machine. */
  readonly isAlive?: (pid: number) => boolean;
}
