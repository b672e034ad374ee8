// How much of a limit a gateway keeps at hand, and when it asks for more: what it used lately in a second, and at least what may be taken
// until a refill is here, so that no request waits for the store; but never so much that others starve of what lies here unused.

/** What is known of one limit at one gateway. */
export interface LeaseSituation {
  readonly limit: number;
  /** Leased and neither used nor reserved. */
  readonly atHand: number;
  /** For requests that wait for it now. */
  readonly needed: number;
  /** Used lately, per second; of requests at once: their recent peak. */
  readonly usedPerSecond: number;
  /** Taken from what was at hand, per second, at the fastest of the last moments. */
  readonly takenPerSecond: number;
  /** Time that the store takes to answer when it is slow. */
  readonly roundTripMs: number;
  /** Others wanted what was not there, not long ago. */
  readonly isContended: boolean;
  readonly gateways: number;
  /** Something is always kept at hand: a limit that was idle is served at once, and while it is found out that the store is gone. */
  readonly isStanding: boolean;
}

/** What to do. */
export interface LeasePlan {
  /** To ask for. */
  readonly wanted: number;
  /** To give back. */
  readonly surplus: number;
  /** When less than this is at hand the store is asked again. */
  readonly lowWater: number;
}

/** A gateway keeps at most its share of this part of a limit at hand. */
const RESERVE_PART = 4;
/** Of a limit that is lent again when a gateway dies, its share of this part is always at hand. */
const STANDING_PART = 8;
/** The first request of a limit that was idle brings so much for the next ones. */
const FIRST_REQUESTS = 4;

/** Unless others want it, less than this part of what is kept is not given back: a pace that falls would send a report with every answer. */
const WORTH_PART = 4;
/** A refill may have to wait until the one before it is back. */
const REFILLS_AHEAD = 2;

/** Plans the next report. */
export function planLease(situation: LeaseSituation): LeasePlan {
  const { limit, atHand, needed, usedPerSecond, isContended, isStanding } = situation;
  const gateways = Math.max(1, situation.gateways);
  const most = Math.floor(limit / (RESERVE_PART * gateways));
  const standing = isStanding ? Math.floor(limit / (STANDING_PART * gateways)) : 0;
  const untilRefill = Math.ceil((situation.takenPerSecond * situation.roundTripMs * REFILLS_AHEAD) / 1_000);
  const likely = Math.max(Math.ceil(usedPerSecond), needed * FIRST_REQUESTS, standing, 2 * untilRefill);
  const target = isContended ? 0 : Math.min(likely, most);
  const lowWater = Math.min(target, Math.max(Math.ceil(target / 2), untilRefill));
  const isLow = needed > 0 || atHand < lowWater;
  const wanted = isLow ? Math.max(0, Math.ceil(needed + target - atHand)) : 0;
  const keep = isContended ? needed : needed + (usedPerSecond < 0.5 ? standing : 2 * target);
  const spare = Math.max(0, Math.floor(atHand - keep));
  const isWorthIt = isContended || spare > keep / WORTH_PART;
  const surplus = wanted === 0 && isWorthIt ? spare : 0;
  return { wanted, surplus, lowWater };
}
