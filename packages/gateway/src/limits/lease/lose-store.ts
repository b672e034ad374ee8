// The end of the store, as far as a gateway can tell: from now on each limit goes on as its policy says.
import { LEASED_UNTIL } from "../limit-layout.ts";
import { keepAllAway, loseAll } from "./lease-accounts.ts";
import type { LeaseState } from "./lease-state.ts";

/** The store is lost: nothing of it is waited for any more. */
export function loseStore(state: LeaseState, reason: string): void {
  const { clock, logger, accounts, memory } = state;
  const now = clock.monotonic();
  state.connection?.destroy();
  state.connection = undefined;
  state.isBeating = false;
  state.isRejoining = false;
  state.underWay.clear();
  state.connectAt = now;
  memory.cells[LEASED_UNTIL] = 0;
  if (state.phase === "away") return;
  logger.warn("the store of limits is lost; each limit goes on as its policy says", {
    reason,
    gateways: state.gateways,
  });
  loseAll(accounts, now, state.gateways);
  state.phase = "away";
  state.phaseAt = now;
  keepAllAway(accounts, now, clock.now());
  state.opened.resolve();
  state.wake();
}
