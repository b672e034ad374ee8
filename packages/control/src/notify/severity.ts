// How much a class of incident matters. critical: it does not heal by itself, or it is in the way of many clients.
import type { IncidentClass, NoticeSeverity } from "@flyball/core";

const SEVERITIES: Readonly<Record<IncidentClass, NoticeSeverity>> = {
  "process-exit": "warning",
  "failed-health": "warning",
  "failed-requests": "warning",
  "start-failed": "critical",
  "crash-loop": "critical",
  "job-failed": "critical",
  "memory-limit": "warning",
  frozen: "warning",
  "stuck-requests": "warning",
  "stuck-streams": "warning",
  "engine-stalled": "critical",
  slow: "warning",
  unreachable: "critical",
  "dependency-down": "critical",
  overload: "warning",
  "rate-limited": "warning",
  "quota-spent": "critical",
  "bad-release": "critical",
  "bad-output": "warning",
  "mass-loss": "critical",
};

/** The severity of a class; one that a newer control wrote counts as critical. */
export function severityOf(incidentClass: IncidentClass): NoticeSeverity {
  return (SEVERITIES as Readonly<Record<string, NoticeSeverity>>)[incidentClass] ?? "critical";
}

/** Whether one is at least as severe as another. */
export function isAtLeast(severity: NoticeSeverity, least: NoticeSeverity): boolean {
  return least === "warning" || severity === "critical";
}
