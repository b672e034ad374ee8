// What the referee is told once, before it begins. Nothing else reaches it but the word to stop.
import type { ControlPlace } from "./control-reader.ts";
import type { DrillReason } from "./drill-reason.ts";
import type { LoadRequest } from "./load-request.ts";
import type { PlannedRun } from "./plan-runs.ts";
import type { ServiceFacts } from "./choose-victim.ts";
import type { ChangeQuestion } from "./remote-changes.ts";
import type { RunRecord } from "./run-record.ts";

/** Times and bounds of a run. */
export interface RunLimits {
  /** Load before the injection; a random part of as much again is added. */
  readonly beforeMs: number;
  readonly goodWindowMs: number;
  /** Longest wait for good windows, with the fault and after it. */
  readonly patienceMs: number;
  /** A client gives up then. */
  readonly requestTimeoutMs: number;
  /** Failed requests until the fault is taken back. */
  readonly mostFailed: number;
  readonly lagMs: number;
  readonly stealShare: number;
}

/** All that the referee knows. */
export interface RefereeOrder {
  readonly control: ControlPlace;
  /** `qa.3f9a01c2` */
  readonly appTag: string;
  readonly keeperPid: number;
  /** Folder of the control sockets of the fault proxies, `<port>.sock`. */
  readonly proxyFolder: string;
  /** Where records of faults in force lie. */
  readonly faultFolder: string;
  readonly facts: readonly ServiceFacts[];
  /** Worker threads of the gateway. */
  readonly gatewayWorkers: number;
  /** The app is a copy that a fault may change. */
  readonly mayChange: boolean;
  readonly requests: readonly LoadRequest[];
  readonly perSecond: number;
  readonly limits: RunLimits;
  readonly runs: readonly PlannedRun[];
}

/** To the referee. */
export type RefereeCall =
  | { readonly call: "begin"; readonly order: RefereeOrder }
  | { readonly call: "stop" }
  /** The answer to a `change`: when it was accepted (wall milliseconds), or why it was not. */
  | { readonly call: "changed"; readonly at: number; readonly reason?: string };

/** Where a run is. */
export type RunPhase = "steady" | "load" | "injected" | "undone" | "reading";

/** From the referee. */
export type RefereeWord =
  | { readonly word: "phase"; readonly index: number; readonly phase: RunPhase; readonly detail: string }
  | { readonly word: "run"; readonly run: RunRecord }
  /** The app is to be changed, or as it was before. */
  | { readonly word: "change"; readonly question: ChangeQuestion }
  /** The run could not be finished; nothing more is done. */
  | { readonly word: "failure"; readonly index: number; readonly reason: DrillReason }
  /** After the last run, or when it was stopped, or when the app is gone. */
  | { readonly word: "end"; readonly reason: "done" | "stopped" | "app-gone" };
