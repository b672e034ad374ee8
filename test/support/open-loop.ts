// Load as many independent people make it: each request is sent when it is due by the clock, whatever became of the ones before. A server
// that is away or slow meets the same load as one that is well, so its faults cannot hide by slowing the client down.

/** Load that goes on until `stop`. */
export interface OpenLoop<Result> {
  /** Requests sent so far. */
  sent(): number;
  inFlight(): number;
  /** How long after its due time the latest request was sent: the client's own delay. */
  worstLatenessMs(): number;
  /** Sends no more; resolves with the results in the order of sending once the last one is there. */
  stop(): Promise<readonly Result[]>;
}

const TICK_MS = 4;

/** Calls `send` with 0, 1, 2 … at even intervals. `send` must not reject. */
export function startOpenLoop<Result>(options: {
  readonly perSecond: number;
  readonly send: (index: number) => Promise<Result>;
}): OpenLoop<Result> {
  const intervalMs = 1_000 / options.perSecond;
  const startedAt = performance.now();
  const results: Promise<Result>[] = [];
  let inFlight = 0;
  let worstLatenessMs = 0;
  const sendDue = (): void => {
    const elapsedMs = performance.now() - startedAt;
    while (results.length * intervalMs <= elapsedMs) {
      worstLatenessMs = Math.max(worstLatenessMs, elapsedMs - results.length * intervalMs);
      inFlight += 1;
      const result = options.send(results.length).finally(() => (inFlight -= 1));
      results.push(result);
    }
  };
  sendDue();
  const timer = setInterval(sendDue, TICK_MS);
  return {
    sent: () => results.length,
    inFlight: () => inFlight,
    worstLatenessMs: () => worstLatenessMs,
    stop() {
      clearInterval(timer);
      return Promise.all(results);
    },
  };
}
