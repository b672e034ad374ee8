// Kinds of services that are well, with all that looks like a fault and is none.

/** One kind of service: rates, times in milliseconds, and what happens to it on a usual day. */
export interface HealthyKind {
  readonly name: string;
  readonly instances: number;
  /** Requests a second of the whole pool at the busiest hour; at the quietest a tenth of it. */
  readonly perSecond: number;
  /** Median and spread (standard deviation of the logarithm) of the time to the first byte or token. */
  readonly firstMs: number;
  readonly spread: number;
  /** A model's streams: pieces in an answer (median) and the time of each. */
  readonly stream?: { readonly pieces: number; readonly gapMs: number };
  /** Requests that are long for a reason: their share, and the least and greatest time to the first token. */
  readonly long?: { readonly share: number; readonly leastMs: number; readonly mostMs: number };
  /** Share of requests that fail, in clumps of one to three. */
  readonly failures: number;
  /** Pauses of a whole instance (collector, one long prompt in one step), each instance: a day, least and greatest time. */
  readonly pauses?: { readonly aDay: number; readonly leastMs: number; readonly mostMs: number };
  /** Replacements of all instances, one after the other, a day; new ones are four times slower for ten seconds. */
  readonly deploys: number;
  /** Bursts of 429 of the whole pool, a day, of two to twenty seconds. */
  readonly limits?: number;
  /** Bursts in which requests are turned away for two to five seconds, a day. */
  readonly refusals?: number;
  /** Share of judged answers with a flaw. */
  readonly flaws?: number;
}

/** What the simulated weeks consist of. */
export const HEALTHY_KINDS: readonly HealthyKind[] = [
  {
    name: "web",
    instances: 3,
    perSecond: 12,
    firstMs: 60,
    spread: 0.9,
    failures: 0.005,
    pauses: { aDay: 40, leastMs: 200, mostMs: 2_300 },
    deploys: 2,
    refusals: 2,
  },
  {
    name: "model",
    instances: 2,
    perSecond: 1.5,
    firstMs: 450,
    spread: 0.7,
    stream: { pieces: 150, gapMs: 35 },
    long: { share: 0.02, leastMs: 15_000, mostMs: 120_000 },
    failures: 0.002,
    pauses: { aDay: 10, leastMs: 1_000, mostMs: 8_000 },
    deploys: 0.3,
    flaws: 0.005,
  },
  {
    name: "provider",
    instances: 1,
    perSecond: 1,
    firstMs: 900,
    spread: 1,
    stream: { pieces: 200, gapMs: 25 },
    long: { share: 0.05, leastMs: 20_000, mostMs: 90_000 },
    failures: 0.01,
    deploys: 0,
    limits: 6,
    flaws: 0.01,
  },
  {
    name: "reports",
    instances: 2,
    perSecond: 0.02,
    firstMs: 20_000,
    spread: 0.6,
    failures: 0.01,
    pauses: { aDay: 5, leastMs: 500, mostMs: 2_300 },
    deploys: 1,
  },
];
