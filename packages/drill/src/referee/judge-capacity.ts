// When as many instances served as before, by what control told of their states; and how much of that time the service itself took to start.
import type { AppEvent } from "@flyball/core";
import type { VictimRecord } from "./run-record.ts";

/** Times in milliseconds. */
export interface CapacityVerdict {
  /** From the injection until all instances of the victim's service were ready again; absent: not within the run. */
  readonly capacityMs?: number;
  /** Of that, from the start of the last replacement until it was ready; absent: nothing was started. */
  readonly startMs?: number;
}

/**
 * Judges the capacity of the victim's service. A victim whose process ended, or that control does not call ready, is back when it is ready
 * again; one that stayed ready and was let go by the drill is back at that moment.
 */
export function judgeCapacity(question: {
  readonly events: readonly AppEvent[];
  readonly victim: VictimRecord;
  readonly injectedAt: number;
  readonly undoneAt: number | undefined;
}): CapacityVerdict {
  const { events, victim, injectedAt, undoneAt } = question;
  const away = new Set<string>();
  const startingAt = new Map<string, number>();
  let backAt: number | undefined;
  let startMs: number | undefined;
  let wasAway = false;
  for (const event of events) {
    if (event.at < injectedAt || !("instance" in event) || !event.instance.startsWith(`${victim.service}/`)) continue;
    const { instance } = event;
    if (event.event === "instance-exited") away.add(instance);
    if (event.event !== "instance-state") {
      wasAway ||= away.size > 0;
      continue;
    }
    if (event.state === "starting") startingAt.set(instance, event.at);
    if (event.state !== "ready") {
      away.add(instance);
      wasAway = true;
      continue;
    }
    away.delete(instance);
    const began = startingAt.get(instance);
    if (began !== undefined) startMs = Math.max(startMs ?? 0, event.at - began);
    if (away.size === 0 && wasAway) backAt = event.at;
  }
  if (away.size > 0) return {};
  const at = wasAway ? backAt : undoneAt;
  return {
    ...(at === undefined ? {} : { capacityMs: at - injectedAt }),
    ...(startMs === undefined ? {} : { startMs }),
  };
}
