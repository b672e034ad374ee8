// Asks every worker about a request: one of them has served it.
import type { Clock } from "@flyball/core";
import type { ToWorker } from "../worker/worker-messages.ts";

/** Questions that are open at once; a further one is answered with nothing. */
const MOST_OPEN = 100;
/** How long a worker that is busy is waited for. */
const LIMIT_MS = 1_000;

/** Asks and collects. */
export interface ExplainDesk {
  /** undefined: no worker knows it. */
  ask(requestId: string): Promise<unknown>;
  onExplained(id: number, explanation: unknown): void;
}

interface OpenQuestion {
  missing: number;
  readonly answer: (explanation: unknown) => void;
}

/** Creates it. */
export function createExplainDesk({
  workers,
  clock,
  send,
}: {
  readonly workers: number;
  readonly clock: Clock;
  readonly send: (worker: number, message: ToWorker) => void;
}): ExplainDesk {
  const open = new Map<number, OpenQuestion>();
  let asked = 0;
  return {
    ask(requestId) {
      if (open.size >= MOST_OPEN) return Promise.resolve(undefined);
      const id = (asked += 1);
      return new Promise((resolve) => {
        const cancel = clock.after(LIMIT_MS, () => answer(undefined));
        const answer = (explanation: unknown): void => {
          cancel();
          open.delete(id);
          resolve(explanation);
        };
        open.set(id, { missing: workers, answer });
        for (let worker = 0; worker < workers; worker += 1) send(worker, { type: "explain", id, requestId });
      });
    },
    onExplained(id, explanation) {
      const question = open.get(id);
      if (question === undefined) return;
      question.missing -= 1;
      if (explanation !== undefined || question.missing === 0) question.answer(explanation);
    },
  };
}
