// A fault that was seen at a place, before it is known whose fault it is. Detectors, probes and exits make suspects; causes.ts makes incidents of them.
import type { ComposedText, IncidentBegan, IncidentClass, IncidentSubject } from "@flyball/core";

/** What was seen, and where. */
export interface Suspect {
  readonly class: IncidentClass;
  /** Without an ordinal: all of the service. */
  readonly subject: IncidentSubject;
  readonly revision: number;
  readonly began: IncidentBegan;
  readonly summary: ComposedText;
  readonly evidence: ComposedText;
  /** Who saw it: probe, gateway, driver … */
  readonly source: string;
}
