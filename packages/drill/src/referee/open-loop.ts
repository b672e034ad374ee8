// Load as many independent people make it: each request is sent when it is due by the clock, whatever became of the ones before. A fault
// cannot hide by slowing the client down.
import type { LoadRequest } from "./load-request.ts";
import type { RequestRecord } from "./request-record.ts";
import type { Sender } from "./send-request.ts";

/** Load that goes on until `stop`. */
export interface OpenLoop {
  /** Ended so far, in the order of their ends. */
  readonly ended: readonly RequestRecord[];
  inFlight(): number;
  /** Requests a second from now on. */
  setRate(perSecond: number): void;
  /** Sends no more; resolves once the last one has ended. */
  stop(): Promise<readonly RequestRecord[]>;
}

/** How to make it. */
export interface OpenLoopOptions {
  /** Sent one after the other, from the first again after the last. */
  readonly requests: readonly LoadRequest[];
  readonly perSecond: number;
  readonly sender: Sender;
  readonly now: () => number;
}

const TICK_MS = 2;
/** More than this under way, and the rest of a tick waits for the next one: the client must not die of the fault. */
const MOST_IN_FLIGHT = 5_000;

/** Starts sending at once. */
export function startOpenLoop({ requests, perSecond, sender, now }: OpenLoopOptions): OpenLoop {
  const ended: RequestRecord[] = [];
  let intervalMs = 1_000 / perSecond;
  let nextDueAt = now();
  let sent = 0;
  let inFlight = 0;
  const idle = { resolve: (): void => undefined };
  const sendDue = (): void => {
    for (const at = now(); nextDueAt <= at && inFlight < MOST_IN_FLIGHT; nextDueAt += intervalMs) {
      const request = requests[sent % requests.length];
      if (request === undefined) return;
      const order = { id: sent, dueAt: nextDueAt, request };
      sent += 1;
      inFlight += 1;
      void sender.send(order).then((record) => {
        inFlight -= 1;
        ended.push(record);
        if (inFlight === 0) idle.resolve();
      });
    }
  };
  sendDue();
  const timer = setInterval(sendDue, TICK_MS);
  return {
    ended,
    inFlight: () => inFlight,
    setRate(rate) {
      nextDueAt = now();
      intervalMs = 1_000 / rate;
    },
    async stop() {
      clearInterval(timer);
      if (inFlight > 0) await new Promise<void>((resolve) => (idle.resolve = resolve));
      return ended;
    },
  };
}
