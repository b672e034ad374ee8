// Says how far the bench is and how long it will take, a line every few seconds.

/** Progress of one workload after another. */
export interface Progress {
  say(text: string): void;
  /** So many runs are to come. */
  begin(runs: number): void;
  step(workload: string): void;
}

const EVERY_MS = 10_000;

/** Writes to the stream. */
export function createProgress(stream: { write(text: string): unknown }): Progress {
  let total = 0;
  let done = 0;
  let beganAt = 0;
  let saidAt = 0;
  return {
    say: (text) => void stream.write(`${text}\n`),
    begin(runs) {
      total = runs;
      done = 0;
      beganAt = performance.now();
      saidAt = beganAt;
    },
    step(workload) {
      done += 1;
      const now = performance.now();
      if (now - saidAt < EVERY_MS && done < total) return;
      saidAt = now;
      const leftS = (((now - beganAt) / done) * (total - done)) / 1_000;
      stream.write(`${workload}: ${done} of ${total} runs, about ${leftS.toFixed(0)} s left\n`);
    },
  };
}
