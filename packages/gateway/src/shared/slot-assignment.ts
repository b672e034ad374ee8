// Which column of the in-flight table belongs to which endpoint. Only the main thread assigns. A column is free again when its
// endpoint is in no snapshot that a worker may still serve and nothing is in flight on it.
import { MAX_SLOTS, type InFlightTable, type Slot } from "./in-flight-table.ts";

/** The assignment. */
export interface SlotAssignment {
  /** Slots for these endpoints, kept for known ones; undefined when there are more than `MAX_SLOTS`. */
  assign(endpoints: readonly string[]): Readonly<Record<string, Slot>> | undefined;
  /** Every worker serves the snapshot with exactly these endpoints: columns of others may be used again once they are idle. */
  retain(endpoints: readonly string[]): void;
  of(endpoint: string): Slot | undefined;
}

/** Creates an assignment on a table. `onNew`: a column belongs to another endpoint from now on. */
export function createSlotAssignment(
  table: InFlightTable,
  onNew: (column: number) => void = () => undefined,
): SlotAssignment {
  const slots = new Map<string, Slot>();
  const retired = new Set<string>();
  const free: number[] = Array.from({ length: MAX_SLOTS }, (_, index) => MAX_SLOTS - 1 - index);
  const reclaim = (): void => {
    for (const endpoint of retired) {
      const slot = slots.get(endpoint);
      if (slot && table.total(slot) > 0) continue;
      retired.delete(endpoint);
      slots.delete(endpoint);
      if (slot) free.push(slot.index);
    }
  };
  return {
    assign(endpoints) {
      reclaim();
      const fresh = endpoints.filter((endpoint) => !slots.has(endpoint));
      if (fresh.length > free.length) return undefined;
      for (const endpoint of fresh) {
        const slot = table.renew(free.pop() as number);
        slots.set(endpoint, slot);
        onNew(slot.index);
      }
      for (const endpoint of endpoints) retired.delete(endpoint);
      return Object.fromEntries(endpoints.map((endpoint) => [endpoint, slots.get(endpoint) as Slot]));
    },
    retain(endpoints) {
      const kept = new Set(endpoints);
      for (const endpoint of slots.keys()) if (!kept.has(endpoint)) retired.add(endpoint);
    },
    of: (endpoint) => slots.get(endpoint),
  };
}
