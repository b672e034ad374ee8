// What a test may ask of a gateway process beside its ports: one JSON line on stdin, one on stdout. Threads are asked over a channel, so
// that the gateway's own messages stay as they are in production.
import { createInterface } from "node:readline";
import { BroadcastChannel, type Worker } from "node:worker_threads";
import { counterAt, type LimitMemory } from "../limits/limit-layout.ts";
import { addHoldings, takeThreadHoldings, type ThreadHoldings } from "./thread-holdings.ts";

/** A command. */
export type ProcessCommand =
  /** What all threads hold. */
  | { readonly ask: "holdings" }
  /** The lock, and the numbers of the first counters. */
  | { readonly ask: "limits"; readonly counters: number }
  /** Ends a worker thread where it stands, in the middle of any function, so many milliseconds from now. */
  | { readonly ask: "terminate"; readonly chosenBy: number; readonly afterMs: number };

/** The limits as they stand in shared memory. */
export interface LimitCells {
  readonly lock: number;
  /** One list a counter, behind its generation. */
  readonly counters: readonly (readonly number[])[];
}

interface Asked {
  readonly id: number;
  readonly command: ProcessCommand;
}
interface Answered {
  readonly id: number;
  readonly answer: unknown;
}

const TO_THREADS = "test-commands";
const FROM_THREADS = "test-answers";

/** Answers the commands of the test that started this process. `threads`: those that live. */
export function answerCommands(threads: ReadonlySet<Worker>): void {
  const down = new BroadcastChannel(TO_THREADS);
  const up = new BroadcastChannel(FROM_THREADS);
  const waiting = new Map<number, (answer: unknown) => void>();
  up.onmessage = (event) => {
    const { id, answer } = (event as MessageEvent<Answered>).data;
    waiting.get(id)?.(answer);
  };
  const askThreads = (asked: Asked, answers: number): Promise<readonly unknown[]> =>
    new Promise((resolve) => {
      const all: unknown[] = [];
      waiting.set(asked.id, (answer) => {
        if (all.push(answer) < answers) return;
        waiting.delete(asked.id);
        resolve(all);
      });
      down.postMessage(asked);
    });
  const answer = async (asked: Asked): Promise<unknown> => {
    const { command } = asked;
    switch (command.ask) {
      case "holdings": {
        const others = (await askThreads(asked, threads.size)) as readonly ThreadHoldings[];
        return addHoldings([takeThreadHoldings(), ...others]);
      }
      case "limits":
        return (await askThreads(asked, 1))[0];
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
  down.onmessage = (event) => {
    const { id, command } = (event as MessageEvent<Asked>).data;
    const answer = command.ask === "holdings" ? takeThreadHoldings() : readCells(limits, command);
    up.postMessage({ id, answer } satisfies Answered);
  };
}

function readCells({ lock, cells }: LimitMemory, command: ProcessCommand): LimitCells | undefined {
  if (command.ask !== "limits") return undefined;
  const counters = Array.from({ length: command.counters }, (_, index) => [
    ...cells.subarray(counterAt(index) + 1, counterAt(index + 1)),
  ]);
  return { lock: Atomics.load(lock, 0), counters };
}
