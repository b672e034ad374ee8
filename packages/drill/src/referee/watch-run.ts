// What a run waits for while a fault is in force and after it.
import type { ControlReader } from "./control-reader.ts";
import { judgeTraffic } from "./judge-traffic.ts";
import type { OpenLoop } from "./open-loop.ts";
import type { RefereeOrder } from "./referee-order.ts";
import { leaveOutTurnedAway } from "./leave-out-turned-away.ts";
import { isServed } from "./request-record.ts";
import type { RunHands } from "./run-hands.ts";
import type { OpenRun } from "./run-record.ts";

/** What is watched, and for how long. */
export interface Watch {
  readonly order: RefereeOrder;
  readonly hands: RunHands;
  readonly control: ControlReader;
  readonly loop: OpenLoop;
  readonly signal: AbortSignal;
}

const LOOK_MS = 100;

/** Wall milliseconds that do not jump. */
export const now = (): number => performance.timeOrigin + performance.now();

/** How long it is waited, and for what else. */
export interface GoodBounds {
  /** Clients cannot be served well while the fault lasts: nobody waits for it. */
  readonly isHopeless?: boolean;
  readonly leaseMs?: number;
  readonly leastMs?: number;
  readonly from?: number;
  /** The victim's load went elsewhere, of faults that ask for it. */
  readonly isAway?: () => boolean;
  /** The load is so many times what it was, and so many times as many requests may fail. */
  readonly loadFactor?: number;
}

/** Waits until clients have been served well for a window, and all instances are ready; or until there is no more patience. */
export async function untilGood(run: OpenRun, options: Watch, bounds: GoodBounds = {}): Promise<void> {
  const { leaseMs = Infinity, leastMs = 0, from = run.injectedAt, isAway = (): boolean => true } = bounds;
  const { order, loop, signal, control } = options;
  const { goodWindowMs, patienceMs } = order.limits;
  const mostFailed = order.limits.mostFailed * (bounds.loadFactor ?? 1);
  const { injectedAt = now() } = run;
  const deadline = now() + Math.min(leaseMs, patienceMs) + goodWindowMs;
  let lookAt = now() + Math.max(goodWindowMs, leastMs);
  while (now() < deadline) {
    await pause(LOOK_MS, signal);
    const ended = leaveOutTurnedAway(loop.ended, run);
    const failed = ended.filter((record) => record.endedAt > injectedAt && !isServed(record)).length;
    if (run.undoneAt === undefined && run.fault !== undefined && failed > mostFailed) {
      run.outcome = { kind: "stopped", reason: { code: "too-many-failed", failed } };
      return;
    }
    if (now() < lookAt) continue;
    if (bounds.isHopeless === true) return;
    const { goodFrom } = judgeTraffic({
      requests: ended.filter(({ sentAt }) => sentAt >= run.loadFrom),
      loadFrom: run.loadFrom,
      injectedAt,
      from: from ?? injectedAt,
      goodWindowMs,
      loadUntil: now(),
    });
    if (goodFrom !== undefined && isAway() && (await areAllReady(control))) return;
    lookAt = now() + 5 * LOOK_MS;
  }
}

/** Nothing of the app may outlive its keeper for long. */
export async function untilEnded(run: OpenRun, { order, hands, signal }: Watch): Promise<void> {
  const deadline = now() + order.limits.patienceMs;
  while (now() < deadline) {
    if ((await hands.processesOf(`${order.appTag}/`)).length === 0) {
      run.appEndedAt = now();
      return;
    }
    await pause(LOOK_MS, signal);
  }
}

/** Notes when a control that was killed or frozen answers again; at most until the run ends. */
export async function watchControl(run: OpenRun, { control, signal, order }: Watch): Promise<void> {
  const deadline = now() + order.limits.patienceMs;
  while (now() < deadline && run.controlBackAt === undefined && !signal.aborted) {
    const isThere = await control.status().then(
      () => true,
      () => false,
    );
    if (isThere) run.controlBackAt = now();
    else await pause(LOOK_MS, signal).catch(() => undefined);
  }
}

async function areAllReady(control: ControlReader): Promise<boolean> {
  try {
    const { services, state } = await control.status();
    return state === "ready" && services.every(({ ready, desired, kind }) => kind === "job" || ready >= desired);
  } catch {
    return false;
  }
}

/** Rejects with the reason of the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    if (signal.aborted) return abort();
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
