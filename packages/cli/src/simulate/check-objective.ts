// Whether an engine can keep an objective at all: what it takes for one token when it has nothing else to do is the least that anybody gets.
import { type EngineProfile, stepTimeMs } from "@flyball/engine-model";
import type { Objective } from "@flyball/sim";
import { usageError } from "../messages/localised-error.ts";
import { durationText } from "../render/number-text.ts";

const ALONE = { prefillTokens: 0, decodeSequences: 1, contextTokens: 1, attentionPairs: 0 };

/** FB_CLI_USAGE when not even the fastest of the engines can keep a part of the objective. */
export function checkObjective(objective: Objective, profiles: readonly EngineProfile[]): void {
  const stepOf = (profile: EngineProfile): number => stepTimeMs(profile, ALONE);
  const [fastest] = profiles.toSorted((a, b) => stepOf(a) - stepOf(b));
  if (fastest === undefined) return;
  const step = stepOf(fastest);
  const parts = [
    { part: "ttft", bound: objective.ttftMs, floor: step + fastest.requestOverheadMs },
    { part: "itl", bound: objective.tpotMs, floor: step },
  ];
  const wrong = parts.find(({ bound, floor }) => bound < floor);
  if (wrong === undefined) return;
  const values = {
    part: wrong.part,
    seen: durationText(wrong.bound),
    profile: fastest.name,
    floor: durationText(wrong.floor),
  };
  throw usageError("simulate.objective-impossible", values, "flyball simulate --help");
}
