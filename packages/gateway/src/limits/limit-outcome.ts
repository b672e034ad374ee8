// How the table of limits answers: what is counted, what is refused, and what is short of a lease.
import type { AskedLease } from "./lease/take-lease.ts";

/** What became of the demands of a call. */
export type ReserveOutcome =
  | { readonly kind: "reserved"; readonly reservation: number }
  /**
   * `demand` is the index of the first that does not fit; `retryAfterMs` is Infinity when waiting does not help; `isStoreAway`: nothing is
   * known to be spent, the limit's policy is to refuse while its store is away.
   */
  | { readonly kind: "refused"; readonly demand: number; readonly retryAfterMs: number; readonly isStoreAway: boolean }
  /** The limits may have room, but none of it lies at this gateway: the store was asked for all of them, and a moment later it may fit. */
  | {
      readonly kind: "short";
      readonly demand: number;
      readonly retryAfterMs: number;
      readonly asked: readonly AskedLease[];
    }
  /** This worker holds as many reservations as it can. */
  | { readonly kind: "full" };

/** What is short of a lease. */
export type ShortOutcome = Extract<ReserveOutcome, { kind: "short" }>;

/** What became of more for a reservation. short: it is not at hand, and the store, which was asked, has not said that there is no more. */
export type ExtendOutcome =
  | { readonly kind: "extended" | "spent" }
  | { readonly kind: "short"; readonly asked: AskedLease };
