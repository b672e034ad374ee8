// What a fault of the catalogue is: how it is made, what is expected of detection and recovery, how it is undone. Faults are data (`drills/*.yaml`).
import type { IncidentClass } from "@flyball/core";

/** How a fault is made. `phase` of a process fault: all that carries the instance's tag, its wrapper too. */
export type Injection =
  /** A signal to the victim: SIGKILL ends it, SIGSTOP freezes it (undone by SIGCONT). */
  | { readonly kind: "signal"; readonly signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGSEGV" }
  /** A rule of the fault proxy in front of the victim, until it is undone. */
  | { readonly kind: "proxy"; readonly rule: ProxyRule }
  /** Packets to and from the victim's ports vanish (iptables) or its namespace is cut off; needs root. */
  | { readonly kind: "network"; readonly direction: "in" | "out" | "both"; readonly method: "drop" | "reject" }
  /** So many times the rate of before. */
  | { readonly kind: "load"; readonly factor: number }
  /** A revision whose instances have this proxy rule or this environment, released while the load goes on. */
  | { readonly kind: "release"; readonly rule?: ProxyRule; readonly environment?: Readonly<Record<string, string>> }
  /** Processor or memory of the victim is eaten by a process beside it. */
  | { readonly kind: "pressure"; readonly resource: "cpu" | "memory" }
  /** Several at once, or one after the other. */
  | {
      readonly kind: "compound";
      readonly parts: readonly { readonly afterMs: number; readonly injection: Injection }[];
    };

/** What the fault proxy does to requests. All counts are of one answer. */
export type ProxyRule =
  | { readonly rule: "refuse" }
  /** The connection is accepted and nothing ever comes. */
  | { readonly rule: "accept-no-answer" }
  | { readonly rule: "headers-then-silence" }
  /** The stream stands still after so many events. */
  | { readonly rule: "stall"; readonly afterEvents: number }
  /** The connection is cut after so many events, without the terminal one. */
  | { readonly rule: "cut"; readonly afterEvents: number }
  | { readonly rule: "malformed"; readonly afterEvents: number }
  /** Status 200 with an error as its body, or as its first event. */
  | { readonly rule: "ok-with-error" }
  | { readonly rule: "empty-answer" }
  /** Text of another script, or the same token again and again. */
  | { readonly rule: "garbage"; readonly form: "language" | "loop" }
  /** First bytes come so many times later; `leastMs` where they came at once. */
  | { readonly rule: "slow"; readonly factor: number; readonly leastMs: number }
  | { readonly rule: "status"; readonly status: number; readonly share: number; readonly retryAfterSeconds?: number }
  /** Health is well whatever the process does; all else goes on as `inner` says. */
  | { readonly rule: "health-lies"; readonly inner: ProxyRule }
  /** Health fails, all else works. */
  | { readonly rule: "health-fails" };

/** Whom a fault hits. */
export type VictimKind =
  /** A random instance of a service with at least two replicas and HTTP. */
  | "instance"
  /** The same of a service that serves a model. */
  | "engine"
  /** A service that others depend on, all its instances. */
  | "dependency"
  | "gateway"
  | "gateway-worker"
  | "control"
  | "keeper"
  /** No single victim: load, release. */
  | "service";

/** One fault of the catalogue. Durations in milliseconds; absent targets are not judged. */
export interface FaultDefinition {
  readonly id: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly victim: VictimKind;
  readonly injection: Injection;
  /** What it needs of the machine or the app; the fault is skipped by name where it is missing. */
  readonly needs: readonly ("root" | "proxy" | "two-replicas" | "model" | "workers")[];
  /** How long it is left in place if nobody undoes it before; a crash of the drill undoes it then at the latest. */
  readonly leaseMs: number;
  readonly expect: {
    /** Classes of incident that name the cause; empty: none shall be opened. */
    readonly incidents: readonly IncidentClass[];
    readonly detectMs?: number;
    readonly trafficMs?: number;
    readonly capacityMs?: number;
    /** Requests that may fail, beside those that a client itself gave up. */
    readonly failed?: number;
    /** Attempts by requests, at most. */
    readonly amplification?: number;
    /** Actions that would be wrong: a restart of a saturated engine, of a caller … */
    readonly never: readonly string[];
  };
}
