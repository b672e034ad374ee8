// The one lock of the limits. It is held for about a microsecond: long enough to count in several counters at once, too short to wait
// for in any other way than by trying again. The holder's index stands in it, so that the lock of a dead worker can be opened. The main
// thread opens it, and may itself be waiting when a worker dies inside: it then hears of no end, and looks whether the holder is alive.
import type { LimitMemory } from "./limit-layout.ts";

const FREE = 0;
const TRIES_BEFORE_SLEEP = 400;

/** Takes the lock for a holder (0 and up). */
export function takeLock({ lock, onHeldUp }: LimitMemory, holder: number): void {
  let tries = 0;
  while (Atomics.compareExchange(lock, 0, FREE, holder + 1) !== FREE) {
    tries += 1;
    if (tries < TRIES_BEFORE_SLEEP) continue;
    tries = 0;
    // The holder was taken off its core: sleep instead of burning the rest of its time slice.
    Atomics.wait(lock, 0, Atomics.load(lock, 0), 1);
    onHeldUp?.(Atomics.load(lock, 0) - 1);
  }
}

/** Opens it again. */
export function openLock({ lock }: LimitMemory): void {
  Atomics.store(lock, 0, FREE);
  Atomics.notify(lock, 0, 1);
}

/** Opens the lock of a holder that died inside; whether it was inside. The caller must hold it afterwards to repair what it left. */
export function seizeLock({ lock }: LimitMemory, dead: number, holder: number): boolean {
  return Atomics.compareExchange(lock, 0, dead + 1, holder + 1) === dead + 1;
}
