// What the guards look at before a rung is taken. Plain values, gathered for one incident and one moment, so that every guard is a pure function.
import type { ComposedText, HealingRung, Rung, ServiceKind } from "@flyball/core";

/** Something that healing did. */
export interface DoneAction {
  readonly at: number;
  readonly service: string;
  /** Absent: the whole service. */
  readonly ordinal?: number;
  readonly rung: Rung;
}

/** An incident's subject and its surroundings, before `rung`. Times are wall times. */
export interface Situation {
  readonly now: number;
  readonly rung: Rung;
  readonly service: string;
  /** Absent: the incident is about the whole service. */
  readonly ordinal?: number;
  readonly kind: ServiceKind | "external" | "unknown";
  /** Done without asking, by the manifest. */
  readonly allowed: ReadonlySet<HealingRung>;
  readonly isPaused: boolean;
  /** The end of the maintenance window that is on. */
  readonly windowEndsAt?: number;
  /** Instances that there shall be, and those that are ready and get requests. */
  readonly replicas: number;
  readonly serving: number;
  /** What the rung acts on exists, and whether anybody is served by it. */
  readonly hasVictim: boolean;
  readonly isVictimServing: boolean;
  /** It answers its checks badly or not at all: a restart of it waits by the back-off of restarts. */
  readonly isVictimUnhealthy: boolean;
  /** Old and new cannot run side by side: a replacement ends the old one first. */
  readonly isStopFirst: boolean;
  /** A destructive action of this service has not come to its end. */
  readonly isActionUnderWay: boolean;
  /** It was done in this incident before and comes again by the back-off of restarts, which is its cool-down. */
  readonly isRepeat?: true;
  /** Of the last hour, all services. */
  readonly done: readonly DoneAction[];
  readonly mostPerHour: number;
  /** Control itself was late: until then its eyes are not to be trusted. */
  readonly doubtUntil?: number;
  readonly isMassLoss: boolean;
  /** Another machine is there to move to. */
  readonly canMove: boolean;
  /** One more instance is possible: nobody scales the service already, and there is room. */
  readonly canScale: boolean;
  /** The revision that a roll-back would bring back; absent: none, or the fault is not of this revision. */
  readonly rollBackTo?: number;
}

/** What a guard says. */
export type Verdict =
  | { readonly kind: "ok" }
  /** Not now, by circumstances: the rung has its turn when they change, or is passed over when they do not. */
  | { readonly kind: "wait"; readonly reason: ComposedText; readonly until?: number }
  /** Not now, by people's wish: it is advised, and done when the wish ends. */
  | { readonly kind: "advise"; readonly reason: ComposedText; readonly until?: number }
  /** Never without asking, by people's wish: it is advised, and the next rung has its turn when its time is over. */
  | { readonly kind: "forbidden"; readonly reason: ComposedText }
  /** It cannot help here. */
  | { readonly kind: "impossible"; readonly reason: ComposedText };

/** A guard: pure. */
export type Guard = (situation: Situation) => Verdict;

/** Nothing against it. */
export const OK: Verdict = { kind: "ok" };

/** Ends something that runs, now or when its successor is there. */
export function isDestructive(rung: Rung): boolean {
  return rung === "restart" || rung === "replace" || rung === "move" || rung === "roll-back";
}
