// What this gateway may use of the endpoints that it shares with other gateways. Alone it has the whole of each. With others it has what control
// lends it, and what is in force of that when control is not heard (traffic/lease/share-in-force.ts says what can be exceeded then). Before it
// is known whether there are others it has nothing, for a moment at most.
import type { EndpointLease, LinkFromControl } from "@flyball/core";
import { NO_LIMIT, shareInForce } from "@flyball/traffic";

/** What is divided of an endpoint. */
export type SharedKind = "slots" | "memoryTokens";

/** Units of one endpoint. */
export type EndpointUnits = Readonly<Record<SharedKind, number>>;

/** The shares. Bounded by the endpoints of the newest leases. */
export interface EndpointShares {
  /** Units of a whole that may be used now; `NO_LIMIT` where that is the whole. */
  part(endpoint: string, kind: SharedKind, whole: number): number;
  /** Requests of other gateways in flight there, as control said last. */
  othersActive(endpoint: string): number;
  /** So many share the endpoints; undefined: control leases nothing. Who was alone goes on with what is in use, until it is told its parts. */
  meet(gateways: number | undefined, inUse: () => ReadonlyMap<string, EndpointUnits>): void;
  /** Control cannot be reached. */
  away(): void;
  /** What it is lent, in answer to what it said at `saidAt`. True: some part is less than before. */
  take(leases: Extract<LinkFromControl, { type: "leases" }>, saidAt: number): boolean;
  /** Counts leases that have ended unrenewed. Called ten times a second. */
  look(): void;
  /** There are others. */
  readonly isShared: boolean;
  /** That share the endpoints, as control said last. */
  readonly gateways: number;
  /** Times that the leases ended before control renewed them. */
  readonly ended: number;
}

/** How long a gateway that starts waits for control's word on whether there are others. */
export const KNOWN_AFTER_MS = 1_000;
/** Until control has said how long leases last. */
const FIRST_TTL_MS = 4_000;

type State =
  | { readonly kind: "unknown"; readonly until: number }
  | { readonly kind: "alone" }
  | {
      readonly kind: "shared";
      readonly gateways: number;
      readonly leases: ReadonlyMap<string, Partial<EndpointLease>>;
      readonly endsAt: number;
      readonly ttlMs: number;
      readonly hasEnded: boolean;
    };

/** Shares of a gateway that starts. Times are monotonic milliseconds. */
export function createEndpointShares(monotonic: () => number): EndpointShares {
  let state: State = { kind: "unknown", until: monotonic() + KNOWN_AFTER_MS };
  let ended = 0;
  const partOf = (from: State, endpoint: string, kind: SharedKind, whole: number): number => {
    if (whole === NO_LIMIT || from.kind === "alone") return whole;
    if (from.kind === "unknown") return monotonic() < from.until ? 0 : whole;
    const { leases, gateways, endsAt, ttlMs } = from;
    const lease = leases.get(endpoint)?.[kind] ?? 0;
    return shareInForce({ lease, whole, gateways, endedMs: monotonic() - endsAt, ttlMs });
  };
  return {
    part: (endpoint, kind, whole) => partOf(state, endpoint, kind, whole),
    othersActive: (endpoint) => (state.kind === "shared" ? (state.leases.get(endpoint)?.othersActive ?? 0) : 0),
    meet(gateways = 1, inUse) {
      if (gateways <= 1) state = { kind: "alone" };
      else if (state.kind === "shared") state = { ...state, gateways };
      else {
        const leases = state.kind === "alone" ? inUse() : new Map<string, EndpointUnits>();
        const ttlMs = FIRST_TTL_MS;
        state = { kind: "shared", gateways, leases, endsAt: monotonic() + ttlMs, ttlMs, hasEnded: false };
      }
    },
    away() {
      if (state.kind === "unknown") state = { kind: "alone" };
    },
    take({ gateways, ttlMs, endpoints }, saidAt) {
      const before = state;
      if (gateways <= 1) state = { kind: "alone" };
      else {
        const leases = new Map(endpoints.map((lease) => [lease.endpoint, lease]));
        state = { kind: "shared", gateways, leases, endsAt: saidAt + ttlMs, ttlMs, hasEnded: false };
      }
      const isLess = (lease: EndpointLease, kind: SharedKind): boolean =>
        lease[kind] !== undefined && lease[kind] < partOf(before, lease.endpoint, kind, NO_LIMIT - 1);
      return (
        state.kind === "shared" && endpoints.some((lease) => isLess(lease, "slots") || isLess(lease, "memoryTokens"))
      );
    },
    look() {
      if (state.kind !== "shared" || state.hasEnded || monotonic() <= state.endsAt) return;
      state = { ...state, hasEnded: true };
      ended += 1;
    },
    get isShared() {
      return state.kind === "shared";
    },
    get gateways() {
      return state.kind === "shared" ? state.gateways : 1;
    },
    get ended() {
      return ended;
    },
  };
}
