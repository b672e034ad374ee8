// A slot is the place of an instance (service and ordinal) over its lives: it remembers crashes in a row and when the next start is due.
import type { ComposedText } from "@flyball/core";
import type { ForeignListener } from "@flyball/drivers";
import type { CrashHistory } from "../decide/restart-policy.ts";
import type { StoredSlot } from "../store/store.ts";
import { composeText, storedText, textFields } from "../texts/compose-text.ts";

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
  /** How long the instance is asked to end before it is killed, where it is less than the manifest grants. */
  graceMs?: number;
  /** Why, for people. */
  reason?: ComposedText;
  /** What ended the last instance is no fault to show: it still starts (docs/decisions/0012). */
  isExcused: boolean;
  /** Start of the first instance of a row of crashes, while none of them was ready. */
  startingSince?: number;
  /** Races for a port that were lost in a row, and who won the last one until the next start. */
  lostPorts: number;
  lostTo?: ForeignListener;
  /** Restarts since the revision began. */
  restarts: number;
}

/** An empty slot. */
export function createSlot(service: string, ordinal: number): Slot {
  return { service, ordinal, history: { crashes: 0 }, isCrashLoop: false, isExcused: false, lostPorts: 0, restarts: 0 };
}

/** What is kept of it over a restart of control. */
export function storedSlot(slot: Slot): StoredSlot {
  const { service, ordinal, history, restarts, handle, reason, isCrashLoop, isExcused, restartAt, startingSince } =
    slot;
  const since = startingSince === undefined ? {} : { startingSince };
  const stored = { service, ordinal, crashes: history.crashes, restarts, ...since };
  if (handle === undefined) return stored;
  return {
    ...stored,
    waiting: {
      handle,
      ...textFields({ reason: reason ?? composeText("reason.restart") }),
      isCrashLoop,
      ...(isExcused ? { isExcused } : {}),
      ...(restartAt === undefined ? {} : { restartAt }),
    },
  };
}

/** Takes up what was kept; the waiting only while the driver still knows its instance. */
export function restoreSlot(slot: Slot, stored: StoredSlot, isKnown: (handle: string) => boolean): void {
  slot.history = { crashes: stored.crashes };
  slot.restarts = stored.restarts;
  if (stored.startingSince !== undefined) slot.startingSince = stored.startingSince;
  if (stored.waiting === undefined || !isKnown(stored.waiting.handle)) return;
  const { composed: _composed, reason: _reason, ...waiting } = stored.waiting;
  Object.assign(slot, waiting, { reason: storedText(stored.waiting, "reason") });
}

/** Forgets crashes and waiting: a new revision or a person cut it short. */
export function clearSlot(slot: Slot): void {
  slot.history = { crashes: 0 };
  endWaiting(slot);
}

/** Nothing is waited for any more: the instance is ready, or the wait was cut short. Crashes in a row still count. */
export function endWaiting(slot: Slot): void {
  slot.isCrashLoop = false;
  slot.isExcused = false;
  slot.lostPorts = 0;
  delete slot.restartAt;
  delete slot.graceMs;
  delete slot.handle;
  delete slot.reason;
  delete slot.startingSince;
  delete slot.lostTo;
}
