// The worker's side of the thread beside it: who waits, who is worked on, and what becomes of a call whose thread dies. A body is moved to the
// thread only when its turn has come: one that waits stays with its call.
import type { CancelTimer, Clock } from "@flyball/core";
import type { AsideResult, AsideWork, FromAside, ToAside } from "./aside-work.ts";

/** Calls that wait for the thread; a further one is turned away. Each is a request under way that holds its body anyway. */
export const MAX_WAITING = 256;
/** Work on one body that takes longer is given up together with its thread. It takes a second at most on a processor that is free. */
export const MOST_WORK_MS = 30_000;
/** Longest wait of a request that has no deadline of its own. */
const MOST_WAIT_MS = 60_000;
/** A thread that had nothing to do for so long is ended, and its memory is given back. */
export const IDLE_MS = 60_000;

/**
 * What came of it. full: too many wait. late: nothing came back until its deadline (`isDue`), or for longer than anybody waits. lost: the thread
 * ended or took too long; `isTooLarge`: it ran out of memory. After `late` and `lost` what was lent is gone.
 */
export type AsideOutcome =
  | { readonly kind: "done"; readonly result: AsideResult; readonly body: ArrayBuffer }
  | { readonly kind: "full" }
  | { readonly kind: "late"; readonly isDue: boolean }
  | { readonly kind: "lost"; readonly reason: string; readonly isTooLarge: boolean };

/** One piece of work. */
export interface AsideJob {
  readonly work: AsideWork;
  /** Asked when its turn has come: memory that the thread takes. */
  readonly lend: () => ArrayBuffer;
  /** Monotonic; who waits until then is told `late`. */
  readonly until: number;
  /** Once; never after `cancel`. */
  readonly onDone: (outcome: AsideOutcome) => void;
}

/** The thread as its worker sees it. */
export interface SideThread {
  /** Calls that wait for their turn, and the one that is worked on. */
  readonly pending: number;
  ask(job: AsideJob): { cancel(): void };
  /** Ends the thread; what waits hears nothing more. Idempotent. */
  stop(): void;
}

/** A running thread: `Worker` of node:worker_threads, or what a test puts in its place. */
export interface ThreadHandle {
  postMessage(message: ToAside, moved: readonly ArrayBuffer[]): void;
  on(event: "message", listener: (message: FromAside) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
  unref(): void;
  terminate(): Promise<number>;
}

interface Entry {
  readonly id: number;
  readonly job: AsideJob;
  isCancelled: boolean;
  cancelTimer: CancelTimer;
}

/** Creates it; nothing is started before the first job. */
export function createSideThread(options: { readonly clock: Clock; readonly start: () => ThreadHandle }): SideThread {
  return new Side(options.clock, options.start);
}

class Side implements SideThread {
  readonly #clock: Clock;
  readonly #start: () => ThreadHandle;
  readonly #waiting: Entry[] = [];
  #thread: ThreadHandle | undefined;
  #running: Entry | undefined;
  #fault: NodeJS.ErrnoException | undefined;
  #cancelIdle: CancelTimer = nothing;
  #cancelLimit: CancelTimer = nothing;
  #nextId = 0;
  #isStopped = false;

  constructor(clock: Clock, start: () => ThreadHandle) {
    this.#clock = clock;
    this.#start = start;
  }

  get pending(): number {
    return this.#waiting.length + (this.#running === undefined ? 0 : 1);
  }

  ask(job: AsideJob): { cancel(): void } {
    const entry: Entry = { id: this.#nextId, job, isCancelled: false, cancelTimer: nothing };
    this.#nextId += 1;
    if (this.#isStopped || this.#waiting.length >= MAX_WAITING) {
      job.onDone({ kind: "full" });
      return { cancel: nothing };
    }
    const leftMs = job.until - this.#clock.monotonic();
    const isDue = leftMs <= MOST_WAIT_MS;
    const waitMs = Math.max(1, Math.min(leftMs, MOST_WAIT_MS));
    entry.cancelTimer = this.#clock.after(waitMs, () => this.#end(entry, { kind: "late", isDue }));
    this.#waiting.push(entry);
    this.#next();
    return { cancel: () => this.#leave(entry) };
  }

  stop(): void {
    this.#isStopped = true;
    for (const entry of this.#waiting.splice(0)) entry.cancelTimer();
    this.#running?.cancelTimer();
    this.#running = undefined;
    this.#drop();
  }

  /** Nobody waits for it any more; if the thread works on it, it works on. */
  #leave(entry: Entry): void {
    entry.isCancelled = true;
    entry.cancelTimer();
    const at = this.#waiting.indexOf(entry);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #end(entry: Entry, outcome: AsideOutcome): void {
    if (entry.isCancelled) return;
    this.#leave(entry);
    entry.job.onDone(outcome);
  }

  #next(): void {
    if (this.#running !== undefined || this.#isStopped) return;
    this.#cancelIdle();
    const entry = this.#waiting.shift();
    if (entry === undefined) {
      this.#cancelIdle = this.#thread === undefined ? nothing : this.#clock.after(IDLE_MS, () => this.#drop());
      return;
    }
    this.#running = entry;
    this.#cancelLimit = this.#clock.after(MOST_WORK_MS, () => {
      this.#drop();
      this.#lose(`it took longer than ${MOST_WORK_MS / 1_000} s`, false);
    });
    try {
      this.#thread ??= this.#begin();
      const body = entry.job.lend();
      this.#thread.postMessage({ id: entry.id, work: entry.job.work, body }, [body]);
    } catch (error) {
      this.#lose(String(error), false);
    }
  }

  #begin(): ThreadHandle {
    const thread = this.#start();
    thread.on("message", (message) => this.#heard(thread, message));
    thread.on("error", (error) => {
      if (this.#thread === thread) this.#fault = error;
    });
    thread.on("exit", (code) => this.#exited(thread, code));
    thread.unref();
    return thread;
  }

  #heard(thread: ThreadHandle, { id, result, body }: FromAside): void {
    const entry = this.#running;
    if (this.#thread !== thread || entry?.id !== id) return;
    this.#cancelLimit();
    this.#running = undefined;
    this.#next();
    this.#end(entry, { kind: "done", result, body });
  }

  #exited(thread: ThreadHandle, code: number): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    const fault = this.#fault;
    this.#fault = undefined;
    this.#lose(fault?.message ?? `its thread ended with code ${code}`, fault?.code === "ERR_WORKER_OUT_OF_MEMORY");
  }

  /** The thread is gone, and with it what it worked on. */
  #lose(reason: string, isTooLarge: boolean): void {
    const entry = this.#running;
    this.#cancelLimit();
    this.#running = undefined;
    this.#next();
    if (entry !== undefined) this.#end(entry, { kind: "lost", reason, isTooLarge });
  }

  #drop(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#cancelIdle();
    this.#cancelLimit();
    void thread?.terminate();
  }
}

function nothing(): void {
  return;
}
