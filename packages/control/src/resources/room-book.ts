// What control remembers of room: the size of the machine, the starts that are under way (their instances are not known yet), and what
// instances of earlier revisions reserve.
import type { Amounts } from "./amounts.ts";

/** Mutable; forgotten when control ends. */
export interface RoomBook {
  /** undefined: the driver has not said it yet; nothing is held back then. */
  machine: Amounts | undefined;
  /** How many instances of its hash a service is being brought to; as many as services. */
  readonly startTargets: Map<string, number>;
  /** What an instance of a service of a revision reserves, by `<revision>/<service>`. Bounded: emptied when it has 500. */
  readonly reserved: Map<string, Amounts>;
}

/** An empty book. */
export function createRoomBook(): RoomBook {
  return { machine: undefined, startTargets: new Map(), reserved: new Map() };
}
