// Moments in memory that threads share. `performance.now` begins at another moment in each thread, so times are counted on the clock of
// `process.hrtime`, which all threads of a process share (CLOCK_MONOTONIC): each thread measures once how far its own monotonic clock is
// off. They are kept in ticks of 16 ms since the memory was made, which fit 32 bits for two years.

const TICK_MS = 16;
const LAST_TICK = 0xffff_ffff;

/** A thread's own monotonic milliseconds and shared ticks. */
export interface SharedTicks {
  /** The first tick that is not before this time; 0 for a time before the memory was made. */
  after(time: number): number;
  /** The last tick that is not after it. */
  before(time: number): number;
  time(ticks: number): number;
}

/** `madeAt` is the shared time at which the memory was made; `monotonic` and `sharedTime` are read once. */
export function createSharedTicks(
  madeAt: number,
  monotonic: () => number,
  sharedTime: () => number = readSharedTime,
): SharedTicks {
  const origin = madeAt - (sharedTime() - monotonic());
  const bounded = (ticks: number): number => Math.min(LAST_TICK, Math.max(0, ticks));
  return {
    after: (time) => bounded(Math.ceil((time - origin) / TICK_MS)),
    before: (time) => bounded(Math.floor((time - origin) / TICK_MS)),
    time: (ticks) => origin + ticks * TICK_MS,
  };
}

/** The time that all threads share, in milliseconds. */
export function readSharedTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
