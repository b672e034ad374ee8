// What a fault of the catalogue is: how it is made, what is expected of detection and recovery, how it is undone. Faults are data (`drills/*.yaml`).
import type { IncidentClass, Rung } from "@flyball/core";

/** How a fault is made. `signal`, `proxy`, `network`, `pressure`, `inside` and `compound` have injectors here; who runs the load makes the others. */
export type Injection =
  /**
   * SIGKILL ends all that carries the victim's tag, its fault proxy too; SIGSTOP freezes it (undone by SIGCONT). The others go to its first process.
   */
  | { readonly kind: "signal"; readonly signal: FaultSignal }
  /** A rule of the fault proxy in front of the victim, until it is undone. */
  | { readonly kind: "proxy"; readonly rule: ProxyRule }
  /** Packets to and from the victim's ports vanish (iptables) or its namespace is cut off; needs root. */
  | { readonly kind: "network"; readonly direction: "in" | "out" | "both"; readonly method: "drop" | "reject" }
  /** So many times the rate of before. */
  | { readonly kind: "load"; readonly factor: number }
  /** A revision whose instances have this proxy rule or this environment, released while the load goes on. */
  | { readonly kind: "release"; readonly rule?: ProxyRule; readonly environment?: Readonly<Record<string, string>> }
  /** The gateway is replaced by a second one, as an upgrade does. */
  | { readonly kind: "upgrade" }
  /**
   * The victim alone has too little of something; the rest of the machine does not notice. `cpu`: it runs a twentieth of the time (stopped and
   * continued). `memory`: no address space beyond what it has. `files`: no descriptor beyond those that it has.
   */
  | { readonly kind: "pressure"; readonly resource: PressureResource }
  /**
   * Code inside a Node process of ours, through its inspector: an exception that nobody catches, a heap that fills up, an event loop that stands
   * still for `blockMs`.
   */
  | {
      readonly kind: "inside";
      readonly thread: "main" | "worker";
      readonly what: "throw" | "exhaust-heap" | "block";
      readonly blockMs?: number;
    }
  /** Several at once, or one after the other. */
  | {
      readonly kind: "compound";
      readonly parts: readonly { readonly afterMs: number; readonly injection: Injection }[];
    };

/** Signals that a fault may send. */
export type FaultSignal = "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGSEGV";

/** What a victim may have too little of. */
export type PressureResource = "cpu" | "memory" | "files";

/**
 * What the fault proxy does to requests, health checks among them. All counts are of one answer: events of an event stream; any other body
 * stands still, is cut or damaged at its middle.
 */
export type ProxyRule =
  /** Nobody listens; answers under way go on. */
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
  /** A model server that takes calls and does no step: health is well, its counters stand still and show the calls that wait. */
  | { readonly rule: "no-progress" }
  /** The process is killed by SIGKILL at this request, as by the kernel when the memory is used up. */
  | { readonly rule: "killed-at-request"; readonly request: number }
  /** Health is well whatever the process does; all else goes on as `inner` says. */
  | { readonly rule: "health-lies"; readonly inner: ProxyRule }
  /** Health fails, all else works. */
  | { readonly rule: "health-fails" };

/** Actions that would be wrong while a fault lasts. */
export type WrongAction =
  | Rung
  /** Any action but ejection and retry. */
  | "any"
  /** Anything done to who only suffers from it. */
  | "act-on-dependant"
  /** Two destructive actions in flight in one service. */
  | "two-at-once";

export type DrillNeed = "root" | "proxy" | "two-replicas" | "model" | "workers";

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
  readonly needs: readonly DrillNeed[];
  /** How long it is left in place if nobody undoes it before; a crash of the drill undoes it then at the latest. */
  readonly leaseMs: number;
  readonly expect: {
    /** Classes of incident that name the cause; empty: none shall be opened. */
    readonly incidents: readonly IncidentClass[];
    readonly detectMs?: number;
    /** Until something was done about it: where nothing else can serve, requests are kept away and fail at once instead of waiting. */
    readonly actMs?: number;
    /** Until clients are served well again; absent: they are not to be until the fault is taken back. With `awayShare`: until that share of the victim's traffic goes elsewhere. */
    readonly trafficMs?: number;
    readonly awayShare?: number;
    /** Until as many serve as before, without the time that the service itself takes to start. */
    readonly capacityMs?: number;
    /** Until all is as before once the fault is undone. */
    readonly afterUndoMs?: number;
    /** Until nothing of the app runs any more. */
    readonly endedMs?: number;
    /** A stream that stands still ends with a typed error, or goes on elsewhere, within this. */
    readonly streamMs?: number;
    /** Requests that may fail, beside those that a client itself gave up. */
    readonly failed?: number;
    /** Connections that may be refused. */
    readonly refused?: number;
    /** Served within their objective, of what could be served at all (0 to 1). */
    readonly goodput?: number;
    /** Attempts by requests, at most. */
    readonly amplification?: number;
    /** Actions that would be wrong: a restart of a saturated engine, of a caller … */
    readonly never: readonly WrongAction[];
  };
}
