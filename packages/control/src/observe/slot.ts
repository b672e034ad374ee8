// A slot is the place of an instance (service and ordinal) over its lives: it remembers crashes in a row and when the next start is due.
import type { CrashHistory } from "../decide/restart-policy.ts";

/** Mutable memory of one place. */
export interface Slot {
  readonly service: string;
  readonly ordinal: number;
  history: CrashHistory;
  isCrashLoop: boolean;
  /** Wall time from which the instance `handle` may be started again. */
  restartAt?: number;
  /** The instance that the restart replaces: exited, or unhealthy and still running. */
  handle?: string;
  /** Why, for people. */
  reason?: string;
  /** Restarts since the revision began. */
  restarts: number;
}

/** An empty slot. */
export function createSlot(service: string, ordinal: number): Slot {
  return { service, ordinal, history: { crashes: 0 }, isCrashLoop: false, restarts: 0 };
}

/** Forgets crashes and waiting: a new revision or a person cut it short. */
export function clearSlot(slot: Slot): void {
  slot.history = { crashes: 0 };
  slot.isCrashLoop = false;
  delete slot.restartAt;
  delete slot.handle;
  delete slot.reason;
}
