// A gateway's part of a limit while the store is away and its policy says to go on.

/** The limit over the gateways that were seen last, at least one: with more gateways than the limit has units, each still has one. */
export function localShare(limit: number, gateways: number): number {
  return Math.max(Math.min(1, limit), Math.floor(limit / Math.max(1, gateways)));
}
