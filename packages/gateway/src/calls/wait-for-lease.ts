// At the last chunk of a limit that several gateways share, a call waits a moment until more of it is leased.
import type { Exchange } from "../stages/exchange.ts";
import type { ShortRefusal } from "./open-account.ts";

/** A refusal and the wait that may end it. */
export interface LeaseWait {
  /** undefined: waiting cannot help, and the refusal is counted already. */
  readonly refusal: ShortRefusal | undefined;
  /** When all waiting of this call ends (monotonic); undefined before the first wait. */
  readonly until: number | undefined;
}

/**
 * Calls `again` when something was leased or the time is over, with the moment at which all waiting of this call ends. false: it does not
 * wait, and `again` is not called; the refusal stands and is counted here.
 */
export function waitForLease(
  exchange: Exchange,
  { refusal, until }: LeaseWait,
  again: (until: number) => void,
): boolean {
  if (refusal === undefined) return false;
  const { ledger, metrics } = exchange.context;
  const end = until ?? ledger?.waiters.deadline() ?? 0;
  const goOn = (): void => {
    if (!exchange.isClientGone) again(end);
  };
  if (ledger?.waiters.wait(end, goOn) === true) return true;
  metrics.limitRefusals.add(refusal);
  return false;
}
