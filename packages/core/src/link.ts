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
    }
  /** The snapshot is served by every worker, or it was refused and the old one stays. */
  | { readonly type: "snapshot-applied"; readonly version: number }
  | { readonly type: "snapshot-refused"; readonly version: number; readonly reason: string }
  /** Listeners whose port turned out to be busy at listen. */
  | { readonly type: "listen-failed"; readonly listener: string; readonly reason: string }
  /** Every 200 ms while there is something to say, at most 4,096 signals; the oldest windows are merged, never dropped. */
  | { readonly type: "signals"; readonly signals: readonly Signal[] };

/** What control says to a gateway. */
export type LinkFromControl =
  | { readonly type: "welcome"; readonly protocol: string }
  | { readonly type: "snapshot"; readonly snapshot: Snapshot };
