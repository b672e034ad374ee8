// Whether an endpoint may get requests of others than those who probe it, as far as all threads know.
import type { CooldownTable } from "../shared/cooldown-table.ts";
import type { Slot } from "../shared/in-flight-table.ts";
import type { ProbeTable } from "../shared/probe-table.ts";

/** open: it may. ejected: a worker ejected it, and nobody has found it well since. resting: it asked for it. */
export type SlotState = "open" | "ejected" | "resting";

/** Tells of a slot. */
export type SlotCheck = (slot: Slot) => SlotState;

/** Creates the check. */
export function createSlotCheck({
  cooldowns,
  probes,
  monotonic,
}: {
  readonly cooldowns: CooldownTable;
  readonly probes: ProbeTable;
  readonly monotonic: () => number;
}): SlotCheck {
  return (slot) => {
    if (cooldowns.until(slot) > monotonic()) return "resting";
    const { kind } = probes.read(slot);
    return kind === "resting" || kind === "probing" ? "ejected" : "open";
  };
}
