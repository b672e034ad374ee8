// Which rungs are tried for which fault, in which order, and how long each has to help before it counts as helpless. A table and nothing else: what
// may be done at a moment is said by the guards, where an incident stands by its own actions. The first rung of all, another attempt elsewhere, is
// the gateway's and needs no line here; it ejects by itself too, and a line with `eject` makes that firm while the rung has its time.
import type { IncidentClass, Rung } from "@flyball/core";

/** One rung of a ladder. */
export interface LadderRung {
  readonly rung: Rung;
  /** Time to help, in milliseconds. */
  readonly helpsMs: number;
  /** An instance has to start for it: the time that a start of the service takes is added. */
  readonly withStart?: true;
}

const eject = (seconds: number): LadderRung => ({ rung: "eject", helpsMs: seconds * 1_000 });
const RESTART: LadderRung = { rung: "restart", helpsMs: 30_000, withStart: true };
const REPLACE: LadderRung = { rung: "replace", helpsMs: 30_000, withStart: true };
const MOVE: LadderRung = { rung: "move", helpsMs: 60_000, withStart: true };
const SCALE: LadderRung = { rung: "scale", helpsMs: 60_000, withStart: true };
const ROLL_BACK: LadderRung = { rung: "roll-back", helpsMs: 60_000, withStart: true };
const ASK: LadderRung = { rung: "ask", helpsMs: 0 };

/** The ladders. Each ends with asking a person. */
export const LADDERS: Readonly<Record<IncidentClass, readonly LadderRung[]>> = {
  // Places that are empty, or whose instance answers no probe: started again by the back-off of restarts, for as long as it takes.
  "process-exit": [RESTART, ROLL_BACK, ASK],
  "start-failed": [RESTART, ROLL_BACK, ASK],
  "crash-loop": [RESTART, ROLL_BACK, ASK],
  "memory-limit": [RESTART, ASK],
  "failed-health": [RESTART, REPLACE, ROLL_BACK, ASK],
  frozen: [RESTART, REPLACE, MOVE, ASK],
  // A living instance that does badly: away from the requests first, so that what follows costs nobody anything.
  "failed-requests": [eject(30), RESTART, REPLACE, ROLL_BACK, ASK],
  // What waits may be busy: nothing is killed for it. A replacement starts beside it and lets it finish.
  "stuck-requests": [eject(15), REPLACE, ROLL_BACK, ASK],
  "stuck-streams": [eject(15), ROLL_BACK, ASK],
  // Its own counters prove it: ejection is only to have what waits there sent elsewhere before it ends.
  "engine-stalled": [eject(1), RESTART, REPLACE, MOVE, ASK],
  slow: [eject(30), REPLACE, MOVE, SCALE, ASK],
  "bad-output": [eject(60), RESTART, ROLL_BACK, ASK],
  unreachable: [eject(15), MOVE, ASK],
  // Not the fault of an instance: restarting it would make it worse.
  overload: [SCALE, ASK],
  "bad-release": [ROLL_BACK, ASK],
  "dependency-down": [ASK],
  "rate-limited": [ASK],
  "quota-spent": [ASK],
  "job-failed": [ASK],
  "mass-loss": [ASK],
};

/** How long a rung has to help where a start of the service takes `startMs`. */
export function timeToHelpMs(rung: LadderRung, startMs: number): number {
  return rung.helpsMs + (rung.withStart === true ? startMs : 0);
}
