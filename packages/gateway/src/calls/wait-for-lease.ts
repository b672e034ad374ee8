// At the last chunk of a limit that several gateways share, a call waits a moment until more of it is leased.
import type { Exchange } from "../stages/exchange.ts";

/**
 * Calls `again` when something was leased or the time is over, with the moment (monotonic) at which all waiting of this call ends;
 * `until` is that moment from a wait before. false: it has waited long enough, and `again` is not called.
 */
export function waitForLease(exchange: Exchange, until: number | undefined, again: (until: number) => void): boolean {
  const { ledger } = exchange.context;
  if (!ledger) return false;
  const end = until ?? ledger.waiters.deadline();
  return ledger.waiters.wait(end, () => {
    if (!exchange.isClientGone) again(end);
  });
}
