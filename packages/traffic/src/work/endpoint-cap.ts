// The cap learner of an endpoint as it ships: in the gateway, and in the simulation where caps are learned.
import { ITL_OBJECTIVE_MS, ITL_TIMES_ALONE } from "@flyball/core";
import { createCapLearner, type CapLearner } from "./cap-learner.ts";

/** A cap that is learned is never below this, nor above that. */
export const LEAST_CAP = 4;
export const MOST_CAP = 4_096;

/**
 * Begins at the top: nobody is held back before the engine has shown that it is full. `itlObjectiveMs`: the mean time between tokens that somebody
 * wants; without one the default holds, and no engine is held back for what it cannot even do for one request.
 */
export function createEndpointCap(itlObjectiveMs: number | undefined): CapLearner {
  const bounds = { minimum: LEAST_CAP, maximum: MOST_CAP, initial: MOST_CAP };
  return itlObjectiveMs === undefined
    ? createCapLearner({ bounds, itlObjectiveMs: ITL_OBJECTIVE_MS, timesAlone: ITL_TIMES_ALONE })
    : createCapLearner({ bounds, itlObjectiveMs });
}
