// At the last chunk of a limit that several gateways share, a call waits a moment until more of it is leased. A limit whose store has said
// no is spent; one whose store has not answered in time is not, and its caller is told so.
import type { LeaseTurn } from "../limits/lease/lease-waiters.ts";
import type { Exchange } from "../stages/exchange.ts";
import { callError, type CallError } from "./call-client.ts";
import { subjectName, type ShortRefusal } from "./open-account.ts";

/** A refusal and the wait that may end it. */
export interface LeaseWait {
  /** What the client is told when the limit is spent. */
  readonly error: CallError;
  /** undefined: waiting cannot help, and the refusal is counted already. */
  readonly short: ShortRefusal | undefined;
  /** All waiting of this call; undefined before the first wait. */
  readonly turn: LeaseTurn | undefined;
}

/** How the call goes on: one of both, once, now or later; neither when the client has left. */
export interface LeaseEnd {
  /** More was leased, or the store has answered: the limits are asked anew, in the same turn. */
  again(turn: LeaseTurn): void;
  /** The refusal stands, and is counted. */
  refuse(error: CallError): void;
}

/** What a client is told to wait when the store is late. */
const LATE_RETRY_MS = 250;

/** Waits for what a refusal was short of. */
export function waitForLease(exchange: Exchange, { error, short, turn }: LeaseWait, end: LeaseEnd): void {
  const { ledger, metrics } = exchange.context;
  if (short === undefined || ledger === undefined) {
    end.refuse(error);
    return;
  }
  const mine = turn ?? ledger.waiters.begin();
  ledger.waiters.wait(short.asked, mine, {
    again() {
      if (!exchange.isClientGone) end.again(mine);
    },
    over(why) {
      if (exchange.isClientGone) return;
      if (why === "spent") {
        metrics.limitRefusals.add(short);
        end.refuse(error);
        return;
      }
      metrics.limitRefusals.addLate(short.limit);
      const details = { subject: subjectName(short.limit.subject), limit: short.limit.text };
      end.refuse(callError("FB_GATEWAY_LIMIT_LATE", details, { retryAfterMs: LATE_RETRY_MS }));
    },
  });
}
