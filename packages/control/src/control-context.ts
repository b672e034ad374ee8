// What every step of the loop may touch: the state, the store, the driver, time, and ways to say what happened. One value, made once by
// `createControl`, handed to each step; no step keeps anything of its own.
import type {
  Address,
  Clock,
  ComposedText,
  ListenerStatus,
  ManifestSource,
  Override,
  PoolEvidence,
  ProbeEvidence,
  Random,
  Revision,
  Signal,
  Snapshot,
  SnapshotRefusal,
} from "@flyball/core";
import type { Driver, DriverEvent } from "@flyball/drivers";
import type { FailureEvidence, ReleaseWatch } from "@flyball/traffic";
import type { EffectiveSpec } from "./desired/effective-spec.ts";
import type { WorkloadContext } from "./desired/workload-of.ts";
import type { Detectors } from "./detect/detectors.ts";
import type { IncidentBook } from "./detect/incident-book.ts";
import type { OutsideRecord } from "./detect/outside.ts";
import type { Suspect } from "./detect/suspect.ts";
import type { InstanceTable } from "./observe/instance-table.ts";
import type { LiveKeys } from "./keys/live-keys.ts";
import type { StoredKey } from "./keys/stored-key.ts";
import type { LedgerBook } from "./ledger/ledger-book.ts";
import type { Notices } from "./notify/notices.ts";
import type { LinkServer } from "./observe/link-server.ts";
import type { Prober } from "./observe/prober.ts";
import type { GatewayHost } from "./reconcile/gateway-host.ts";
import type { Healing } from "./recover/healing.ts";
import type { RoomBook } from "./resources/room-book.ts";
import type { Scaling } from "./scale/service-scaling.ts";
import type { NewEvent, Store } from "./store/store.ts";
import type { UsageHistory } from "./usage/usage-history.ts";

/** How the current revision is being reached. */
export interface Rollout {
  readonly revision: number;
  readonly startedAt: number;
  state: "running" | "reached" | "failed";
  failure?: ComposedText;
}

/** A service whose start failed before there was an instance. */
export interface StartFailure {
  readonly retryAt: number;
  readonly reason: ComposedText;
  readonly count: number;
}

/** Mutable state of control; everything that must survive a restart is in the store. */
export interface ControlState {
  revision: Revision | undefined;
  source: ManifestSource | undefined;
  overrides: readonly Override[];
  /** As the store has them: reading them anew in each pass would cost more than the pass. */
  keys: readonly StoredKey[];
  /** As they were published last. */
  liveKeys: LiveKeys | undefined;
  readonly table: InstanceTable;
  /** Services with a start or restart under way: one structural action at a time for each. */
  readonly startsUnderWay: Set<string>;
  /** Instances with a stop under way. */
  readonly stopsUnderWay: Set<string>;
  readonly startFailures: Map<string, StartFailure>;
  /** Services that were ready once since control started. */
  readonly everReady: Set<string>;
  readonly bound: Map<string, Address>;
  readonly tcpAddresses: Map<string, Address>;
  listeners: readonly ListenerStatus[];
  readonly pools: Map<string, PoolEvidence>;
  readonly room: RoomBook;
  readonly scaling: Scaling;
  readonly usage: UsageHistory;
  /** What requests say of instances, by handle; goes with its instance. */
  readonly requestFailures: Map<string, FailureEvidence>;
  readonly detectors: Detectors;
  /** What requests say of what others run, by its name; at most as many as the manifest names. */
  readonly outside: Map<string, OutsideRecord>;
  /** Release against release, by service. */
  readonly releases: Map<string, ReleaseWatch>;
  /** Reported since the last pass, whose fault they are not known yet; bounded by MAX_QUEUED. */
  readonly suspects: Suspect[];
  readonly healing: Healing;
  rollout: Rollout | undefined;
  /** A fresh start: the stored revision is history until `up` has said what it wants. */
  isAwaitingUp: boolean;
  /** The revision that is being written; the next one waits for it. */
  applying: Promise<unknown>;
  isStopping: boolean;
  snapshotVersion: number;
  snapshotHash: string;
  /** As it was published last. */
  newestSnapshot: Snapshot | undefined;
  /** Version of the snapshot in the file; 0 before this control wrote one. */
  fileVersion: number;
  /** While the disk takes nothing: when it is tried again, on the monotonic clock. */
  diskRetryAt: number;
  /** The newest snapshot is not served; the gateway goes on with the one before it. */
  refusal: SnapshotRefusal | undefined;
  /** Evidence that waits for the next pass; bounded by MAX_QUEUED, the oldest go. */
  readonly inbox: {
    drivers: DriverEvent[];
    probes: ProbeEvidence[];
    signals: Signal[];
    refusals: { readonly version: number; readonly reason: string }[];
  };
  /** Last published states, so that events tell changes only. */
  readonly publishedStates: Map<string, string>;
}

/** The most pieces of evidence of one kind that wait for a pass. */
export const MAX_QUEUED = 20_000;

/** Fixed facts of this run. */
export interface ControlSettings extends WorkloadContext {
  readonly target: string;
  readonly manifestPath: string;
  readonly goodWindowMs: number;
  readonly drainLimitMs: number;
  readonly keySecret: string;
}

/** The context of all steps. */
export interface ControlContext {
  readonly settings: ControlSettings;
  readonly state: ControlState;
  readonly store: Store;
  /** Sums of what calls have used; absent: none are kept. */
  readonly ledger?: Pick<LedgerBook, "usage" | "spending" | "find">;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly random: Random;
  readonly incidents: IncidentBook;
  /** Absent: nobody is told of incidents. */
  readonly notices?: Notices;
  readonly links: Pick<LinkServer, "publish" | "gateways" | "served">;
  readonly gatewayHost: GatewayHost;
  readonly prober: Prober;
  readonly signal: AbortSignal;
  /** The revision with the overrides in force, at this moment. */
  effective(): EffectiveSpec | undefined;
  emit(event: NewEvent): void;
  /** Gives the gateways what has changed, at once and not with the next pass. */
  publish(): void;
  /** Asks for another pass of the loop soon. */
  wake(): void;
}
