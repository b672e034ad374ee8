// All that one run left behind, before anybody judges it.
import type { AppEvent, Incident } from "@flyball/core";
import type { DrillReason } from "./drill-reason.ts";
import type { ArrivalSample } from "./judge-away.ts";
import type { MachineReport } from "./machine-watch.ts";
import type { RequestRecord } from "./request-record.ts";

/** What became of a run. */
export type RunOutcome =
  | { readonly kind: "measured" }
  /** The machine was not fit to measure before the injection; nothing was injected. */
  | { readonly kind: "void"; readonly reason: DrillReason }
  /** The app was not well before anything was injected. */
  | { readonly kind: "unhealthy"; readonly reason: DrillReason }
  /** The fault cannot be made here, or would be more than the app can bear. */
  | { readonly kind: "skipped"; readonly reason: DrillReason }
  /** Too many requests failed for too long: the fault was taken back early. The run is judged all the same. */
  | { readonly kind: "stopped"; readonly reason: DrillReason };

/** Whom a fault hit. */
export interface VictimRecord {
  readonly service: string;
  /** Absent: all its instances. */
  readonly ordinals?: readonly number[];
  readonly pids: readonly number[];
  /** The fault is the load: whatever is done to anybody is about it. */
  readonly isWholeApp?: true;
}

/** One run. Times are wall milliseconds. */
export interface RunRecord {
  readonly index: number;
  readonly seed: number;
  /** Absent: nothing was injected. */
  readonly fault?: string;
  readonly outcome: RunOutcome;
  readonly victim?: VictimRecord;
  readonly loadFrom: number;
  /** Of an empty run: when something would have been injected. Absent: it did not come so far. */
  readonly injectedAt?: number;
  readonly undoneAt?: number;
  /** Of a fault of control: when it answered again. */
  readonly controlBackAt?: number;
  /** Of a fault of a worker of the gateway: when it was replaced. */
  readonly workers?: { readonly backAt?: number };
  /** Of a fault of the keeper: when nothing of the app ran any more. */
  readonly appEndedAt?: number;
  /** No request was sent any more. */
  readonly loadUntil: number;
  readonly endedAt: number;
  /** Before the injection. */
  readonly machine?: MachineReport;
  /** Requests a second, and so long a good window lasts. */
  readonly perSecond: number;
  readonly goodWindowMs: number;
  /** Wanted instances of each service when it began. */
  readonly replicas: Readonly<Record<string, number>>;
  readonly requests: readonly RequestRecord[];
  /** Of a fault whose victim's load shall go elsewhere. */
  readonly arrivals?: readonly ArrivalSample[];
  /** Those that were opened in the run. */
  readonly incidents: readonly Incident[];
  readonly events: readonly AppEvent[];
}

/** One that is being made. */
export type OpenRun = { -readonly [Field in keyof RunRecord]: RunRecord[Field] };
