// By how many gateways limits are divided while there is no store that they share. One more counts only when it has stayed: in a hand-over
// the old gateway takes nothing new as soon as the new one is ready, and limits that were halved for that moment would refuse calls that
// have room. One less counts at once.

/** How long another gateway has to be there. */
export const STAYS_MS = 5_000;

/** What control has said of it. Times are monotonic milliseconds. */
export interface GatewayCount {
  /** By which limits are divided now. */
  readonly gateways: number;
  /** So many take new requests, this one included; whether they are divided by another number from now on. */
  hear(serving: number, now: number): boolean;
}

/** One gateway, as far as anybody knows. */
export function createGatewayCount(): GatewayCount {
  let gateways = 1;
  let moreSince: number | undefined;
  return {
    get gateways() {
      return gateways;
    },
    hear(serving, now) {
      const heard = Math.max(1, serving);
      if (heard > gateways) {
        moreSince ??= now;
        if (now - moreSince < STAYS_MS) return false;
      } else moreSince = undefined;
      if (heard === gateways) return false;
      gateways = heard;
      moreSince = undefined;
      return true;
    },
  };
}
