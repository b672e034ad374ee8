// Before anything is injected the app must be well: every service ready, no incident open. A drill in an incident would only make it worse.
import { setTimeout as delay } from "node:timers/promises";
import type { AppStatus, Incident } from "@flyball/core";
import type { ControlReader } from "./control-reader.ts";
import type { DrillReason } from "./drill-reason.ts";

/** The app as it stands before a run. */
export interface SteadyState {
  readonly status: AppStatus;
  /** All that are known, closed ones too. */
  readonly incidents: readonly Incident[];
  readonly lastEvent: number;
}

const LOOK_MS = 250;

/** Waits until the app is well; answers why not after `limitMs`. */
export async function untilSteady(
  control: ControlReader,
  limitMs: number,
  signal: AbortSignal,
): Promise<SteadyState | { readonly reason: DrillReason }> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const [status, incidents] = await Promise.all([control.status(), control.incidents()]);
    const reason = whyNotSteady(status, incidents);
    if (reason === undefined) {
      const events = await control.eventsAfter(0);
      return { status, incidents, lastEvent: events.at(-1)?.sequence ?? 0 };
    }
    if (performance.now() > deadline) return { reason };
    await delay(LOOK_MS, undefined, { signal });
  }
}

/** The first thing that is not well. */
export function whyNotSteady(status: AppStatus, incidents: readonly Incident[]): DrillReason | undefined {
  const ill = status.services.find(({ ready, desired, kind }) => kind !== "job" && ready < desired);
  if (ill !== undefined) {
    const { service, ready, desired } = ill;
    return { code: "not-ready", service, ready, desired };
  }
  if (status.state !== "ready") return { code: "app-state", state: status.state };
  if (!status.gateway.isConnected) return { code: "no-gateway" };
  const open = incidents.find(({ state }) => state === "open" || state === "recovering");
  if (open === undefined) return undefined;
  const { number, summary, composed } = open;
  return { code: "incident-open", number, summary, ...(composed === undefined ? {} : { composed }) };
}
