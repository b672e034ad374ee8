// What a gateway says to the shared store about one limit, and what it hears. Everything is whole numbers.

/** Use of a rate that was not reported before. */
export interface AgedUse {
  /** How long ago it was at least, in milliseconds. */
  readonly ageMs: number;
  readonly amount: number;
}

interface AnyLease {
  readonly limit: number;
  /** What the gateway holds from now on: unused, and reserved for calls in flight. Less than before is a return. */
  readonly held: number;
  /** What it wants beside it. */
  readonly wanted: number;
}

/** One limit of a report. */
export type CounterLease =
  | (AnyLease & {
      readonly kind: "rate";
      /** A sixtieth of the window. */
      readonly stepMs: number;
      readonly used: readonly AgedUse[];
      /** Reported before as used, but not used after all; all of it less than a window ago. */
      readonly givenBack: number;
    })
  | (AnyLease & { readonly kind: "concurrency" })
  | (AnyLease & {
      readonly kind: "budget";
      /** Since the gateway joined; reported anew each time, so that a report may be lost or come twice. */
      readonly spent: number;
      /** In this period before it joined, and whose journal says so. Counted once for each origin. */
      readonly spentBefore: number;
      readonly origin: string;
      /** What control knows of all gateways; 0 when it knows nothing. */
      readonly knownSpent: number;
    });

/** The answer for one limit. */
export interface LeaseGrant {
  /** 0 to what was wanted. */
  readonly granted: number;
  /** What other gateways hold. */
  readonly othersHold: number;
  /** Until something of a rate is free again by itself; 0 when that is not known or not needed. */
  readonly retryMs: number;
}
