// What a test may ask of a gateway process beside its ports: one JSON line on stdin, one on stdout. Threads are asked over a channel, so
// that the gateway's own messages stay as they are in production.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { BroadcastChannel, threadId, type Worker } from "node:worker_threads";
import { counterAt, type LimitMemory } from "../limits/limit-layout.ts";
import { addHoldings, takeThreadHoldings, type ThreadHoldings } from "./thread-holdings.ts";

/** A command. */
export type ProcessCommand =
  /** What all threads hold. */
  | { readonly ask: "holdings" }
  /** The lock, and the numbers of the first counters. */
  | { readonly ask: "limits"; readonly counters: number }
  /** How late the event loops of all workers were since this was asked last; the first time it only begins to look. */
  | { readonly ask: "loop-delay" }
  /** Ends a worker thread where it stands, in the middle of any function, so many milliseconds from now. */
  | { readonly ask: "terminate"; readonly chosenBy: number; readonly afterMs: number };

/** The limits as they stand in shared memory. */
export interface LimitCells {
  readonly lock: number;
  /** One list a counter, behind its generation. */
  readonly counters: readonly (readonly number[])[];
}

/** Of the worker that was latest. */
export interface LoopDelay {
  readonly p99Ms: number;
  readonly worstMs: number;
  /** The longest hold by the thread's own processor time, which other work of the machine does not lengthen. */
  readonly worstCpuMs: number;
}

interface Asked {
  readonly id: number;
  readonly command: ProcessCommand;
}
interface Answered {
  readonly id: number;
  readonly thread: number;
  readonly answer: unknown;
}

const LOOK_EVERY_MS = 5;
/** A thread that has heard it does not begin once more. */
const ASK_AGAIN_MS = 1_000;
const TO_THREADS = "test-commands";
const FROM_THREADS = "test-answers";

/** Answers the commands of the test that started this process. `threads`: those that live. */
export function answerCommands(threads: ReadonlySet<Worker>): void {
  const down = new BroadcastChannel(TO_THREADS);
  const up = new BroadcastChannel(FROM_THREADS);
  const waiting = new Map<number, (from: number, answer: unknown) => void>();
  up.onmessage = (event) => {
    const { id, thread, answer } = (event as { readonly data: Answered }).data;
    waiting.get(id)?.(thread, answer);
  };
  const askThreads = (asked: Asked, answers: number): Promise<readonly unknown[]> =>
    new Promise((resolve) => {
      const all = new Map<number, unknown>();
      // One that starts does not listen yet.
      const again = setInterval(() => down.postMessage(asked), ASK_AGAIN_MS);
      waiting.set(asked.id, (from, answer) => {
        if (all.set(from, answer).size < answers) return;
        waiting.delete(asked.id);
        clearInterval(again);
        resolve([...all.values()]);
      });
      down.postMessage(asked);
    });
  const answer = async (asked: Asked): Promise<unknown> => {
    const { command } = asked;
    switch (command.ask) {
      case "holdings": {
        const others = (await askThreads(asked, threads.size)) as readonly ThreadHoldings[];
        return addHoldings([await takeThreadHoldings(), ...others]);
      }
      case "limits":
        return (await askThreads(asked, 1))[0];
      case "loop-delay": {
        const all = (await askThreads(asked, threads.size)) as readonly LoopDelay[];
        return {
          p99Ms: Math.max(...all.map(({ p99Ms }) => p99Ms)),
          worstMs: Math.max(...all.map(({ worstMs }) => worstMs)),
          worstCpuMs: Math.max(...all.map(({ worstCpuMs }) => worstCpuMs)),
        } satisfies LoopDelay;
      }
      case "terminate": {
        const until = performance.now() + command.afterMs;
        await new Promise<void>((resolve) => void setTimeout(resolve, Math.floor(command.afterMs)));
        // A timer's own millisecond is too coarse to meet any point.
        while (performance.now() < until);
        const all = [...threads];
        await all[Math.floor(command.chosenBy * all.length)]?.terminate();
        return all.length;
      }
      default:
        return command satisfies never;
    }
  };
  createInterface({ input: process.stdin }).on("line", (line) => {
    const asked = JSON.parse(line) as Asked;
    void answer(asked).then((found) => process.stdout.write(`${JSON.stringify({ id: asked.id, answer: found })}\n`));
  });
}

/** A worker thread's part. */
export function answerInThread(limits: LimitMemory): void {
  const down = new BroadcastChannel(TO_THREADS);
  const up = new BroadcastChannel(FROM_THREADS);
  down.unref();
  up.unref();
  const takeLoopDelay = createLoopWatch();
  const heard = new Set<number>();
  down.onmessage = (event) => {
    const { id, command } = (event as { readonly data: Asked }).data;
    if (heard.has(id)) return;
    heard.add(id);
    void answerOf(command).then((answer) =>
      up.postMessage({ id, thread: threadId, answer } satisfies Answered),
    );
  };
  const answerOf = async (command: ProcessCommand): Promise<unknown> => {
    if (command.ask === "holdings") return takeThreadHoldings();
    return command.ask === "loop-delay" ? takeLoopDelay() : readCells(limits, command);
  };
}

/** Looks from the first question on, which nobody asks in most tests. */
function createLoopWatch(): () => LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOK_EVERY_MS);
  const takeWorstCpu = createCpuWatch();
  return () => {
    histogram.enable();
    const found = {
      p99Ms: lateMs(histogram.percentile(99)),
      worstMs: lateMs(histogram.max),
      worstCpuMs: takeWorstCpu(),
    };
    histogram.reset();
    return found;
  };
}

/** Between two looks a thread that is not held spends no more than the time between them. */
function createCpuWatch(): () => number {
  let timer: NodeJS.Timeout | undefined;
  let before = process.threadCpuUsage();
  let worstMs = 0;
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    worstMs = Math.max(worstMs, (user + system) / 1_000);
  };
  return () => {
    timer ??= setInterval(look, LOOK_EVERY_MS).unref();
    const found = worstMs;
    before = process.threadCpuUsage();
    worstMs = 0;
    return found;
  };
}

function readCells({ lock, cells }: LimitMemory, command: ProcessCommand): LimitCells | undefined {
  if (command.ask !== "limits") return undefined;
  const counters = Array.from({ length: command.counters }, (_, index) => [
    ...cells.subarray(counterAt(index) + 1, counterAt(index + 1)),
  ]);
  return { lock: Atomics.load(lock, 0), counters };
}
