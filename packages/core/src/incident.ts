// An incident is one cause with its evidence, its actions and its times (design §5). FRT = detection + recovery, counted from the last
// good moment, so that it can only be too long, never too short.
import type { Composed } from "./composed-text.ts";

/** The class of fault, by what was seen. */
export const INCIDENT_CLASSES = [
  "process-exit",
  "failed-health",
  "failed-requests",
  "start-failed",
  "crash-loop",
  "job-failed",
  "memory-limit",
  /** Its port takes connections or not, but nothing answers, probes neither. */
  "frozen",
  /** Requests have no answer beyond what is usual, while health is fine. */
  "stuck-requests",
  /** Streams fall silent beyond what is usual. */
  "stuck-streams",
  /** A model server has work and takes no step. */
  "engine-stalled",
  /** Slower than its peers and than it was. */
  "slow",
  /** A whole machine or target is out of reach. */
  "unreachable",
  /** What others depend on is down; they are listed as dependants. */
  "dependency-down",
  "overload",
  "rate-limited",
  "quota-spent",
  /** The new revision does worse than the one before it. */
  "bad-release",
  /** Answers are empty, repeat themselves, are in another language or of another form than asked for. */
  "bad-output",
  /** More than half of what was there vanished at once: rather the observer is blind. Nothing is done but by people. */
  "mass-loss",
] as const;

export type IncidentClass = (typeof INCIDENT_CLASSES)[number];

/**
 * What may be done about a fault, from the least to the most. The gateway does the first two by itself in the way of the requests; the others
 * are control's. `healing.act` of the manifest names what is done without asking.
 */
export const RUNGS = ["retry", "eject", "restart", "replace", "move", "scale", "roll-back", "ask"] as const;

export type Rung = (typeof RUNGS)[number];

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
  /** The rung of the ladder that it is, and the next one if it does not help. */
  readonly rung?: Rung;
  readonly next?: Rung;
  /** Not done: a person may do it. */
  readonly isAdvice?: boolean;
  /** The command that takes it back. */
  readonly undo?: string;
}

/** What an incident is about. */
export interface IncidentSubject {
  /** The service; of what is none its name: `chat/dashscope` for a provider behind a model, the address of a machine. */
  readonly service: string;
  /** Not a service of the app; absent: one. */
  readonly kind?: "provider" | "machine";
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
  /** Whether it works again is not known: nothing has been asked of it since then. */
  readonly dataMissingSince?: number;
  /** Length of the good window that recovery must hold, in milliseconds; printed with every figure. */
  readonly goodWindowMs: number;
  readonly state: "open" | "recovering" | "recovered" | "closed";
  readonly summary: string;
  readonly evidence: readonly IncidentEvidence[];
  readonly actions: readonly IncidentAction[];
  /** Who suffers from it without fault of their own: no incident is opened for them and nothing is done to them. */
  readonly dependants?: readonly IncidentSubject[];
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
