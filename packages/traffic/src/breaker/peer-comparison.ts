// Whether an endpoint fails more than its peers did since its own trouble began. When all fail alike, the cause is behind them or in the requests, and
// ejecting one after the other would only take capacity away. The measure is a likelihood ratio: it fails by itself and its peers as they always
// did, against one share of failures for all. It needs no normal approximation, so it holds for eight requests as well as for eight hundred.

/** Log odds, against one cause for all, from which the endpoint counts as worse. */
const WORSE_ODDS = 2.5;
/** More of them give chance more opportunities: this for each e-fold. */
const ODDS_PER_PEERS = 1.5;
/** The same after they were alike before: it is looked at again and again. */
const LATER_WORSE_ODDS = 7;
/** Log odds below which they are alike. */
const ALIKE_ODDS = -1;
/** Peers with fewer results are no measure … */
const LEAST_PEER_RESULTS = 3;
/** … but they are waited for until the endpoint itself has this many: it may draw all requests because it fails so fast. */
const PATIENCE = 12;
/** Log odds that several are at fault by themselves at the same time. */
const SEVERAL_ODDS = 3;
/** Peers count as failing at least this often. */
const LEAST_RATE = 0.01;

/** Failures among requests; halved counts need not be whole. */
export interface FailureShare {
  readonly failed: number;
  readonly total: number;
}

/** What the peers say: the endpoint is worse, or no worse, or it is too early to say. */
export type PeerVerdict = "worse" | "alike" | "unclear";

/** What is known beside the counts. */
export interface PeerScene {
  readonly peerCount: number;
  /** How often peers fail as a rule. */
  readonly usualRate: number;
  /** They were alike before, and the endpoint's trouble goes on. */
  readonly wasAlike: boolean;
  /** No peer is or was ejected lately. */
  readonly areWell: boolean;
}

/** Compares the endpoint with what its peers did in the same time. */
export function compareWithPeers(
  own: FailureShare,
  peers: FailureShare,
  { usualRate, wasAlike, areWell, peerCount }: PeerScene,
): PeerVerdict {
  if (peers.total < LEAST_PEER_RESULTS) return areWell && own.total >= PATIENCE ? "worse" : "unclear";
  const odds = oddsForOwnFault(own, peers, usualRate);
  const many = ODDS_PER_PEERS * Math.log(Math.max(1, peerCount));
  if (odds >= (wasAlike ? LATER_WORSE_ODDS : WORSE_ODDS) + many) return "worse";
  return odds < ALIKE_ODDS ? "alike" : "unclear";
}

/** The endpoint fails by itself and its peers as ever (or some of them by themselves too), against one share of failures for all. */
function oddsForOwnFault(own: FailureShare, peers: FailureShare, usualRate: number): number {
  if (own.failed / own.total <= peers.failed / peers.total) return Number.NEGATIVE_INFINITY;
  const together = (own.failed + peers.failed) / (own.total + peers.total);
  const usual = Math.min(together, Math.max(LEAST_RATE, usualRate));
  const good = peers.total - peers.failed;
  const asEver =
    term(peers.failed, (peers.failed * together) / usual) + term(good, (good * (1 - together)) / (1 - usual));
  return divergence(own, together) + Math.max(asEver, divergence(peers, together) - SEVERAL_ODDS);
}

function divergence({ failed, total }: FailureShare, share: number): number {
  return term(failed, total * share) + term(total - failed, total * (1 - share));
}

function term(seen: number, expected: number): number {
  return seen > 0 ? seen * Math.log(seen / expected) : 0;
}
