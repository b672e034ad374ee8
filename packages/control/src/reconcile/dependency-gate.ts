// Whether the start order lets a service start, and if not, why. A dependency that ended fails its dependants at once; one that is only
// unhealthy inside its start period is no failure, it is still starting.
import type { ComposedText, DependencySpec, LifecycleState } from "@flyball/core";
import { composeText } from "../texts/compose-text.ts";
import type { DependencyGate } from "./service-view.ts";

/** What a gate may know of a dependency. */
export interface DependencyFacts {
  readonly state: LifecycleState;
  /** An instance exists. */
  readonly isStarted: boolean;
  /** At least one instance is ready (old ones count: a replacement does not close the gate). */
  readonly isReady: boolean;
  readonly isCompleted: boolean;
  /** It ended or cannot start: the sentence for the dependant. */
  readonly failure?: ComposedText;
}

/** The gate of one service. `factsOf` answers undefined for a service that is not part of the app. */
export function dependencyGate(
  dependencies: readonly DependencySpec[],
  factsOf: (service: string) => DependencyFacts | undefined,
): DependencyGate {
  for (const dependency of dependencies) {
    const facts = factsOf(dependency.service);
    if (facts === undefined) {
      if (dependency.isRequired)
        return { kind: "failed", reason: composeText("gate.unknown", { service: dependency.service }) };
      continue;
    }
    if (isMet(dependency.condition, facts)) continue;
    if (facts.failure === undefined) {
      return {
        kind: "waiting",
        reason: composeText("gate.waits", {
          service: dependency.service,
          condition: composeText(`state.${dependency.condition}`),
          state: composeText(`state.${facts.state}`),
        }),
      };
    }
    if (dependency.isRequired) return { kind: "failed", reason: facts.failure };
  }
  return { kind: "open" };
}

function isMet(condition: DependencySpec["condition"], facts: DependencyFacts): boolean {
  switch (condition) {
    case "started":
      return facts.isStarted;
    case "ready":
      return facts.isReady;
    case "completed":
      return facts.isCompleted;
  }
}
