// A key that was made is used at once, and one that was revoked is believed to be dead: so the answer waits for the gateways.
import { sleep } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";

/** What a change may take until it is in force everywhere. */
const LIMIT_MS = 1_000;
const POLL_MS = 5;

/** Waits until every connected gateway serves what was published last. false: not within a second, or there is no gateway. */
export async function awaitInForce({ state, links, clock }: ControlContext): Promise<boolean> {
  const version = state.snapshotVersion;
  const deadline = clock.monotonic() + LIMIT_MS;
  for (;;) {
    const gateways = links.gateways();
    if (gateways.length > 0 && gateways.every((gateway) => gateway.snapshotVersion >= version)) return true;
    if (clock.monotonic() >= deadline) return false;
    await sleep(clock, POLL_MS);
  }
}
