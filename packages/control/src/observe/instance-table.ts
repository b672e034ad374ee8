// All instances and slots of the app. Bounded: exited instances are dropped once they were recorded, slots go with their service.
import type { InstanceObservation } from "@flyball/core";
import { instanceFrom, isAlive, type Instance } from "./instance.ts";
import { createSlot, type Slot } from "./slot.ts";

/** Where an instance is or was, with the newest handle there. */
export interface Place {
  readonly service: string;
  readonly ordinal: number;
  readonly handle: string;
}

/** The table. */
export interface InstanceTable {
  all(): readonly Instance[];
  of(service: string): readonly Instance[];
  find(handle: string): Instance | undefined;
  /** Adds an observation, or answers the record that is there. */
  upsert(observation: InstanceObservation): { readonly instance: Instance; readonly isNew: boolean };
  remove(handle: string): void;
  /** Places that ever had an instance, those that are forgotten too: their output is still there to be read. At most 1,000, the oldest go. */
  places(): readonly Place[];
  remember(place: Place): void;
  slot(service: string, ordinal: number): Slot;
  slotsOf(service: string): readonly Slot[];
  removeSlot(service: string, ordinal: number): void;
}

const MAX_PLACES = 1_000;

/** An empty table. */
export function createInstanceTable(): InstanceTable {
  const instances = new Map<string, Instance>();
  const slots = new Map<string, Slot>();
  const places = new Map<string, Place>();
  const slotKey = (service: string, ordinal: number): string => `${service}/${ordinal}`;
  const remember = ({ service, ordinal, handle }: Place): void => {
    const key = slotKey(service, ordinal);
    places.delete(key);
    places.set(key, { service, ordinal, handle });
    const [oldest] = places.keys();
    if (places.size > MAX_PLACES && oldest !== undefined) places.delete(oldest);
  };
  return {
    all: () => [...instances.values()],
    of: (service) => [...instances.values()].filter((instance) => instance.service === service),
    find: (handle) => instances.get(handle),
    upsert(observation) {
      const known = instances.get(observation.handle);
      if (known !== undefined) return { instance: known, isNew: false };
      const instance = instanceFrom(observation);
      instances.set(instance.handle, instance);
      remember(instance);
      return { instance, isNew: true };
    },
    remove: (handle) => void instances.delete(handle),
    places: () => [...places.values()],
    remember,
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
