// Ends an app: control stops everything in reverse order and then ends the keeper. When control is away the keeper ends it all itself.
import type { ControlClient } from "@flyball/client";
import { type Clock, isFlyballError, sleep } from "@flyball/core";
import type { KeeperClient } from "@flyball/wire";

/** How to end it. */
export interface StopAppOptions {
  readonly keeper: KeeperClient;
  /** Absent: it never came up. */
  readonly control: ControlClient | undefined;
  readonly reason: string;
  readonly clock: Clock;
  /** Aborted: the rest is killed at once. */
  readonly hurry: AbortSignal;
}

/** Longer than any sensible stop; then the keeper ends what is left. */
const STOP_LIMIT_MS = 120_000;
const KEEPER_GRACE_MS = 5_000;
const EXIT_LIMIT_MS = 2_000;
const EXIT_LOOK_MS = 10;

/** Resolves when the keeper is gone; with it everything that it started. */
export async function stopApp({ keeper, control, reason, clock, hurry }: StopAppOptions): Promise<void> {
  const isGone = new Promise<void>((resolve) => keeper.onClose(resolve));
  const killNow = (): void => void shutDown(keeper, 0);
  if (hurry.aborted) killNow();
  else hurry.addEventListener("abort", killNow, { once: true });
  const cancelLimit = clock.after(STOP_LIMIT_MS, () => void shutDown(keeper, 0));
  try {
    const isAsked = control !== undefined && (await askControl(control, reason));
    if (!isAsked) await shutDown(keeper, KEEPER_GRACE_MS);
    await isGone;
    await untilExited(keeper.keeper.pid, clock);
  } finally {
    cancelLimit();
    hurry.removeEventListener("abort", killNow);
  }
}

async function askControl(control: ControlClient, reason: string): Promise<boolean> {
  try {
    await control.down({ reason });
    return true;
  } catch {
    return false;
  }
}

/** The connection closes a moment before the process is gone; who types the next command must not meet it. */
async function untilExited(pid: number, clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + EXIT_LIMIT_MS;
  while (isRunning(pid) && clock.monotonic() < deadline) await sleep(clock, EXIT_LOOK_MS);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The keeper may close the connection before it answers; that is the aim. */
async function shutDown(keeper: KeeperClient, graceMs: number): Promise<void> {
  try {
    await keeper.call("shutdown", { graceMs });
  } catch (error) {
    if (!isFlyballError(error, "FB_KEEPER_UNREACHABLE")) throw error;
  }
}
