// The link between control and gateways, version 1: JSON lines over a Unix socket on which control listens and which gateways dial.
// A gateway without a link serves from its last snapshot and dials again; several gateways (a hand-over) are several links.
import type { Signal } from "./signal.ts";
import type { Snapshot } from "./snapshot.ts";

/** Sent by both sides first; a difference closes the link with a reason in the log. */
export const LINK_PROTOCOL = "flyball.link/v1";

/** What a gateway says to control. */
export type LinkFromGateway =
  | {
      readonly type: "hello";
      readonly protocol: string;
      readonly generation: number;
      readonly pid: number;
      readonly workers: number;
      /** Version of the snapshot that it serves; 0 when it has none. */
      readonly snapshotVersion: number;
      /** No other gateway ever has it. Absent: it takes no leases, and uses the whole of every endpoint. */
      readonly gatewayId?: string;
    }
  /** The snapshot is served by every worker, or it was refused and the old one stays. */
  | { readonly type: "snapshot-applied"; readonly version: number }
  | { readonly type: "snapshot-refused"; readonly version: number; readonly reason: string }
  /** Listeners whose port turned out to be busy at listen. */
  | { readonly type: "listen-failed"; readonly listener: string; readonly reason: string }
  /** Every 200 ms while there is something to say, at most 4,096 signals; the oldest windows are merged, never dropped. */
  | { readonly type: "signals"; readonly signals: readonly Signal[] }
  /**
   * What it holds of the endpoints that it shares with other gateways: all of those that have a limit. Once a second, and when it is asked or
   * something has changed; never before the last one was answered on this link.
   */
  | {
      readonly type: "endpoint-use";
      /** It takes no new requests any more. */
      readonly isLeaving: boolean;
      readonly endpoints: readonly EndpointUse[];
    };

/** What a gateway holds of one endpoint. */
export interface EndpointUse {
  readonly endpoint: string;
  /** Requests of it in flight. */
  readonly active: number;
  /** Absent: nobody knows how many there are. */
  readonly slots?: UseOfWhole;
  readonly memoryTokens?: UseOfWhole;
}

/** Units of a whole. */
export interface UseOfWhole {
  /** What the gateway takes it to be. */
  readonly whole: number;
  /** Its part as it keeps to it now, or what is in use where that is more. */
  readonly held: number;
  /** In use and waited for. */
  readonly wanted: number;
}

/** A gateway's part of one endpoint. */
export interface EndpointLease {
  readonly endpoint: string;
  /** Absent: there is no such limit. */
  readonly slots?: number;
  readonly memoryTokens?: number;
  /** Requests of other gateways in flight there, as they said last. */
  readonly othersActive: number;
}

/** What control says to a gateway. */
export type LinkFromControl =
  | {
      readonly type: "welcome";
      readonly protocol: string;
      /** Gateways that share the endpoints, this one included; absent: control leases nothing. */
      readonly gateways?: number;
    }
  /** So many gateways share the endpoints: it is to say now what it holds. */
  | { readonly type: "use-wanted"; readonly gateways: number }
  /** The answer to `endpoint-use`: its parts, from when it said so for `ttlMs`. For the only gateway there are none: it has the whole. */
  | {
      readonly type: "leases";
      readonly gateways: number;
      /** Those of them that take new requests; absent: an older control does not say. */
      readonly serving?: number;
      readonly ttlMs: number;
      readonly endpoints: readonly EndpointLease[];
    }
  | { readonly type: "snapshot"; readonly snapshot: Snapshot };
