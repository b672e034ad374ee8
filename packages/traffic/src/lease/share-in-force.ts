// A gateway's part of a whole that it shares with others, as it keeps to it: what control lent it, and what is left of that when control is not
// heard. While leases are renewed the parts in force and what is in use never add up to more than the whole. Otherwise:
//
// - A gateway that dies leaves its part unused until its process is known to be gone, at the latest until its lease ends at control. Nothing is
//   exceeded; its requests at the engine end as the engine sees its connections close.
// - Control dies: leases stand until they end, for nobody is lent anything. Then each gateway keeps no more than whole ÷ gateways, and after the
//   same time again takes that much. Exceeded by at most what is still in use above whole ÷ gateways then: requests that outlast the time of
//   a lease. With more gateways than units each has one: by gateways − whole.
// - A gateway lives and control does not hear it: when its lease has ended there, others have its part. Here it ends earlier, so the whole is
//   exceeded by its whole ÷ gateways, and by what it has in use above that, for as long as it is not heard. A process that was stopped for
//   longer than its lease may send on its old part for the tenth of a second until it looks at the time.
// - Gateways that start while control is away know nothing of each other: each takes the whole until control is back.
import { localShare } from "./local-share.ts";

/** What a gateway knows of its part. */
export interface StandingShare {
  /** Units, as lent last; 0: nothing was. */
  readonly lease: number;
  /** As it knows it now. */
  readonly whole: number;
  /** That share it, as control said last. */
  readonly gateways: number;
  /** Since the lease ended; 0 or less: it has not. */
  readonly endedMs: number;
  /** How long a lease lasts. */
  readonly ttlMs: number;
}

/** Units that the gateway may use now. */
export function shareInForce({ lease, whole, gateways, endedMs, ttlMs }: StandingShare): number {
  if (endedMs <= 0) return Math.min(lease, whole);
  const safe = localShare(whole, gateways);
  return endedMs < ttlMs ? Math.min(lease, safe) : safe;
}
