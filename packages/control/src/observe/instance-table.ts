// All instances and slots of the app. Bounded: exited instances are dropped once they were recorded, slots go with their service.
import type { InstanceObservation } from "@flyball/core";
import { instanceFrom, isAlive, type Instance } from "./instance.ts";
import { createSlot, type Slot } from "./slot.ts";

/** The table. */
export interface InstanceTable {
  all(): readonly Instance[];
  of(service: string): readonly Instance[];
  find(handle: string): Instance | undefined;
  /** Adds an observation, or answers the record that is there. */
  upsert(observation: InstanceObservation): { readonly instance: Instance; readonly isNew: boolean };
  remove(handle: string): void;
  slot(service: string, ordinal: number): Slot;
  slotsOf(service: string): readonly Slot[];
  removeSlot(service: string, ordinal: number): void;
}

/** An empty table. */
export function createInstanceTable(): InstanceTable {
  const instances = new Map<string, Instance>();
  const slots = new Map<string, Slot>();
  const slotKey = (service: string, ordinal: number): string => `${service}/${ordinal}`;
  return {
    all: () => [...instances.values()],
    of: (service) => [...instances.values()].filter((instance) => instance.service === service),
    find: (handle) => instances.get(handle),
    upsert(observation) {
      const known = instances.get(observation.handle);
      if (known !== undefined) return { instance: known, isNew: false };
      const instance = instanceFrom(observation);
      instances.set(instance.handle, instance);
      return { instance, isNew: true };
    },
    remove: (handle) => void instances.delete(handle),
    slot(service, ordinal) {
      const key = slotKey(service, ordinal);
      const known = slots.get(key);
      if (known !== undefined) return known;
      const slot = createSlot(service, ordinal);
      slots.set(key, slot);
      return slot;
    },
    slotsOf: (service) => [...slots.values()].filter((slot) => slot.service === service),
    removeSlot: (service, ordinal) => void slots.delete(slotKey(service, ordinal)),
  };
}

/** Running instances of a service that carry the hash, whatever their phase. */
export function runningOfHash(instances: readonly Instance[], specHash: string): readonly Instance[] {
  return instances.filter((instance) => instance.specHash === specHash && isAlive(instance));
}
