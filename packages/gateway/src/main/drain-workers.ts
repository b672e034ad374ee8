// The end of the workers in order.
import type { GatewayParts } from "./gateway-parts.ts";

/** A worker that does not answer is given up this long after the limit. */
export const DRAIN_SLACK_MS = 1_000;

/** Asks every worker to drain and waits for all, or for a worker that hangs until its limit and a second more. */
export async function drainWorkers(parts: GatewayParts, limitMs: number): Promise<void> {
  const { fleet, clock, drained, schedule } = parts;
  schedule.shareDesk.leave();
  fleet.broadcast({ type: "drain", limitMs });
  await new Promise<void>((resolve) => {
    const cancel = clock.after(limitMs + DRAIN_SLACK_MS, resolve);
    parts.onDrained = () => {
      if (drained.size < fleet.size) return;
      cancel();
      resolve();
    };
  });
}
