// An incident is one cause with its evidence, its actions and its times (design §5). FRT = detection + recovery, counted from the last
// good moment, so that it can only be too long, never too short.
import type { Composed } from "./composed-text.ts";

/** The class of fault, by what was seen. */
export type IncidentClass =
  | "process-exit"
  | "failed-health"
  | "failed-requests"
  | "start-failed"
  | "crash-loop"
  | "job-failed"
  | "memory-limit";

/** When the fault began: somewhere in (lastGood, firstBad]. */
export interface IncidentBegan {
  readonly lastGood: number;
  readonly firstBad: number;
  readonly source: "injected" | "exit-event" | "evidence";
}

/** One thing that was seen, with its time. */
export interface IncidentEvidence extends Composed<"text"> {
  readonly at: number;
  readonly source: string;
  readonly text: string;
}

/** One thing that was done, or advised, with reason and result. */
export interface IncidentAction extends Composed<"reason" | "result"> {
  readonly at: number;
  /** eject, restart, readmit, advise … */
  readonly action: string;
  readonly reason: string;
  readonly result?: string;
}

/** What an incident is about. */
export interface IncidentSubject {
  readonly service: string;
  readonly ordinal?: number;
  readonly handle?: string;
}

/** A fault from its first sign to its recovery. Times are wall milliseconds. */
export interface Incident extends Composed<"summary"> {
  readonly id: string;
  readonly number: number;
  readonly class: IncidentClass;
  readonly subject: IncidentSubject;
  readonly revision: number;
  readonly began: IncidentBegan;
  readonly detectedAt: number;
  readonly decidedAt?: number;
  readonly actedAt?: number;
  /** Start of the first good window inside the good band of the subject. */
  readonly recoveredAt?: number;
  /** When clients of the pool were served well again; earlier than capacity where others took over. */
  readonly trafficRecoveredAt?: number;
  /** When the instance was ready again. */
  readonly capacityRecoveredAt?: number;
  /** Length of the good window that recovery must hold, in milliseconds; printed with every figure. */
  readonly goodWindowMs: number;
  readonly state: "open" | "recovering" | "recovered" | "closed";
  readonly summary: string;
  readonly evidence: readonly IncidentEvidence[];
  readonly actions: readonly IncidentAction[];
}

/** The parts of FRT in milliseconds; absent while the incident lasts. */
export interface FaultRecoveryTime {
  readonly detectionMs: number;
  readonly recoveryMs?: number;
  readonly totalMs?: number;
  readonly trafficMs?: number;
  readonly capacityMs?: number;
}

/** Splits an incident into detection (from lastGood) and recovery. */
export function faultRecoveryTime(incident: Incident): FaultRecoveryTime {
  const start = incident.began.lastGood;
  const since = (at: number | undefined): number | undefined =>
    at === undefined ? undefined : Math.max(0, at - start);
  const detectionMs = Math.max(0, incident.detectedAt - start);
  const totalMs = since(incident.recoveredAt);
  const trafficMs = since(incident.trafficRecoveredAt);
  const capacityMs = since(incident.capacityRecoveredAt);
  return {
    detectionMs,
    ...(totalMs === undefined ? {} : { totalMs, recoveryMs: Math.max(0, totalMs - detectionMs) }),
    ...(trafficMs === undefined ? {} : { trafficMs }),
    ...(capacityMs === undefined ? {} : { capacityMs }),
  };
}
