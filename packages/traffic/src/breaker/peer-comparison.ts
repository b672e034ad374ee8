// Whether an endpoint fails more than its peers did since its own trouble began. When all fail alike, the cause is behind them or in the requests, and ejecting
// one after the other would only take capacity away. The measure is the G statistic of the two shares (a likelihood ratio test that
// needs no normal approximation, so it holds for eight requests as well as for eight hundred).

/** Log odds, against equal shares, from which the endpoint counts as worse: 1 in 250 by chance. */
const WORSE_ODDS = 3.5;
/** The same after they were alike before: it is looked at again and again, so chance must not do it (1 in 25,000). */
const LATER_WORSE_ODDS = 8;
/** Log odds below which they are alike. */
const ALIKE_ODDS = 1.5;
/** Peers with fewer results are no measure … */
const LEAST_PEER_RESULTS = 3;
/** … but they are waited for until the endpoint itself has this many: it may draw all requests because it fails so fast. */
const PATIENCE = 12;

/** Failures among requests; halved counts need not be whole. */
export interface FailureShare {
  readonly failed: number;
  readonly total: number;
}

/** What the peers say: the endpoint is worse, or no worse, or it is too early to say. */
export type PeerVerdict = "worse" | "alike" | "unclear";

/** Compares the endpoint with what its peers did in the same time; `wasAlike`: they were alike before and its trouble goes on. */
export function compareWithPeers(own: FailureShare, peers: FailureShare, wasAlike: boolean): PeerVerdict {
  if (peers.total < LEAST_PEER_RESULTS) return own.total >= PATIENCE ? "worse" : "unclear";
  const odds = oddsAgainstPeers(own, peers);
  if (odds >= (wasAlike ? LATER_WORSE_ODDS : WORSE_ODDS)) return "worse";
  return odds < ALIKE_ODDS ? "alike" : "unclear";
}

function oddsAgainstPeers(own: FailureShare, peers: FailureShare): number {
  if (own.failed / own.total <= peers.failed / peers.total) return 0;
  const together = (own.failed + peers.failed) / (own.total + peers.total);
  return divergence(own, together) + divergence(peers, together);
}

function divergence({ failed, total }: FailureShare, share: number): number {
  return term(failed, total * share) + term(total - failed, total * (1 - share));
}

function term(seen: number, expected: number): number {
  return seen > 0 ? seen * Math.log(seen / expected) : 0;
}
