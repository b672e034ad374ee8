// What a detector says. Detectors are pure: evidence and time come in, findings go out, and nothing is done here. The gateway and control run the
// same ones, so an ejection and an incident never contradict each other.
import type { IncidentBegan, IncidentClass } from "@flyball/core";

/** A fault that a detector sees at present. */
export interface Finding {
  readonly class: IncidentClass;
  /** Id of what is at fault: an endpoint, an instance's handle, a pool, a service, a machine. The detector's file says which. */
  readonly subject: string;
  readonly began: Pick<IncidentBegan, "lastGood" | "firstBad">;
  /** The numbers that show it, in the units that their names say; control makes the sentence of them. */
  readonly facts: Readonly<Record<string, number | string>>;
}
