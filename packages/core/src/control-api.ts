// The control API, version 1: JSON over HTTP on loopback with a bearer token. Stable field names: scripts read them.
//
//   GET  /v1/health                                → { status: "ok" }          (no token)
//   GET  /v1/status                                → AppStatus
//   GET  /v1/revisions                             → { revisions: RevisionSummary[], current: number }
//   GET  /v1/revisions/:number                     → Revision
//   POST /v1/plan        { spec }                  → Plan
//   POST /v1/revisions   ApplyRequest              → ApplyResult
//   POST /v1/rollback    { to?, reason? }          → ApplyResult                (default: the last reached one before the current)
//   GET  /v1/diff?from=&to=                        → { changes: SpecChange[] }  (default: the current against the one before)
//   GET  /v1/incidents?limit=&state=               → { incidents: Incident[] }  (newest first)
//   GET  /v1/incidents/:numberOrId                 → Incident
//   GET  /v1/audit?since=&limit=                   → { entries: AuditRecord[] } (the newest ones, newest last; since: wall milliseconds)
//   POST /v1/restart     { service, instance?, reason? } → { restarted: string[] }
//   POST /v1/scale       { service, replicas, forMs?, reason? } → { override }  (replicas "auto": { removed: number }, the manifest holds again)
//   POST /v1/pause       { service?, forMs?, reason }    → { override }
//   POST /v1/resume      { service? }                    → { removed: number }
//   GET  /v1/overrides                             → { overrides: Override[] }
//   GET  /v1/top                                   → UsageStatus
//   GET  /v1/predictions                           → PredictionStatus           (how well answers were foretold, and what was learned of endpoints)
//   GET  /v1/calls/:requestId                      → CallExplanation            (why it went there and why it waited)
//   GET  /v1/logs?service=&instance=&tail=&follow= → NDJSON of LogLine
//   GET  /v1/events?after=                         → SSE of AppEvent (id = sequence number)
//   POST /v1/run         { service, command?, environment? } → { tag, handle }  (a one-off; its output through /v1/logs)
//   GET  /v1/keys                                  → { keys: KeyStatus[] }      (newest first, revoked ones too)
//   POST /v1/keys        KeyRequest                → IssuedKey                  (the value is in this answer and nowhere else)
//   POST /v1/keys/:idOrName/rotate { keepMs?, reason? } → IssuedKey             (the value before works keepMs longer; default 0)
//   POST /v1/keys/:idOrName/revoke { reason? }     → ChangedKey
//   GET  /v1/keys/usage?key=&since=                → { usage: KeyUsage[], from: string }  (since: wall milliseconds; from: the day that it is in, in the app's zone; default: 7 days)
//   POST /v1/notices/test { channel? }             → { results: NoticeTestResult[] } (sent at once; default: to every channel)
//   POST /v1/down        { reason? }               → 202; everything is stopped in reverse order, then the keeper ends
//
//   GET  /metrics                                  → Prometheus text: replicas and scaling of each service, channels of notices
//
// Errors: the row's HTTP status and { error: { code, message, hint, details } }.
import type { AppSpec } from "./app-spec.ts";
import type { Composed } from "./composed-text.ts";
import type { IncidentClass } from "./incident.ts";
import type { NoticeChannelStatus } from "./notice-status.ts";
import type { Address, ExitStatus, LifecycleState } from "./observation.ts";
import type { Plan } from "./plan.ts";
import type { Override, RevisionSummary } from "./revision.ts";
import type { ScaleStatus } from "./scale-status.ts";

/** What `status` and `ps` show. */
export interface AppStatus extends Composed<"failure"> {
  readonly app: string;
  readonly clone: string;
  readonly target: string;
  readonly manifestPath: string;
  readonly revision: RevisionSummary | null;
  /** ready when every required service is; starting while a revision is being reached. */
  readonly state: "starting" | "ready" | "degraded" | "failed" | "stopping";
  /** Why a revision could not be reached. */
  readonly failure?: string;
  readonly isPaused: boolean;
  readonly services: readonly ServiceStatus[];
  readonly models: readonly { readonly name: string; readonly backends: readonly string[]; readonly url: string }[];
  readonly listeners: readonly ListenerStatus[];
  readonly overrides: readonly Override[];
  readonly gateway: {
    readonly isConnected: boolean;
    readonly pid?: number;
    readonly snapshotVersion: number;
    /** The newest snapshot is not served: the one before it is. */
    readonly refusal?: SnapshotRefusal;
  };
  /** Channels of notices; absent: the manifest names none. */
  readonly notices?: readonly NoticeChannelStatus[];
}

/** What the gateway would not serve, as an error of the table. */
export interface SnapshotRefusal {
  readonly revision: number;
  readonly snapshotVersion: number;
  readonly code: "FB_CONTROL_SNAPSHOT_REFUSED";
  /** The gateway's words. */
  readonly reason: string;
  readonly remedy: string;
}

/** A listener with what came of the wish: another port when the wished one was busy, and who holds it. */
export interface ListenerStatus {
  readonly id: string;
  readonly kind: "public" | "service" | "models" | "admin" | "control";
  readonly address: Address;
  readonly wishedPort: number;
  /** `python3 (pid 4711)`: the program that holds the wished port. */
  readonly holder?: string;
}

/** One service with its instances. */
export interface ServiceStatus extends Composed<"reason" | "advice"> {
  readonly service: string;
  readonly kind: "service" | "job" | "stateful" | "external";
  readonly state: LifecycleState;
  /** Why it is not ready, with the next command; absent when it is. */
  readonly reason?: string;
  /** What a person is asked to do about a fault that is still open; absent: nothing. */
  readonly advice?: string;
  readonly desired: number;
  readonly ready: number;
  /** The public URL, or the stable internal one. */
  readonly url?: string;
  readonly isPaused: boolean;
  /** Pool WAL (design §7), when the gateway reports it. */
  readonly weightedAverageLoad?: number;
  /** Absent: only people change the number of instances. */
  readonly scale?: ScaleStatus;
  readonly instances: readonly InstanceStatus[];
}

/** One instance. `instance` is `<service>/<ordinal>`. */
export interface InstanceStatus extends Composed<"reason"> {
  readonly service: string;
  readonly instance: string;
  readonly handle: string;
  readonly pid: number | null;
  readonly state: LifecycleState;
  readonly reason?: string;
  /** Ready, and kept out of the requests until another is lost. */
  readonly isSpare?: true;
  /** The first http or tcp port. */
  readonly port: number | null;
  readonly revision: number;
  readonly startedAt: number;
  readonly readyAt?: number;
  readonly restarts: number;
  readonly lastExit?: ExitStatus;
  readonly cpuPercent?: number;
  readonly rssBytes?: number;
}

/** Body of POST /v1/revisions. */
export interface ApplyRequest extends Composed<"reason"> {
  readonly spec: AppSpec;
  readonly author: string;
  readonly reason: string;
  /** Where the manifest stands and how it was read, so that control can watch it and read it again the same way. */
  readonly source?: ManifestSource;
}

/** How the manifest was read. */
export interface ManifestSource {
  readonly path: string;
  readonly target?: string;
  readonly profiles: readonly string[];
  /** Every file that was read (manifest, includes, env files, configs). */
  readonly files: readonly string[];
  /** Changes by command line options, merged over the manifest before it is resolved. */
  readonly amendments: Readonly<Record<string, unknown>>;
  /** Variables that were filled in, as the command's environment had them (null: not set); the file is read again with these. */
  readonly variables?: Readonly<Record<string, string | null>>;
}

/** What a new revision leads to; reaching it is followed on /v1/events and /v1/status. */
export interface ApplyResult {
  /** false: the spec equals the current revision, nothing was written. */
  readonly isChanged: boolean;
  readonly revision: RevisionSummary;
  readonly plan: Plan;
}

/** One line of output of an instance. */
export interface LogLine {
  readonly at: number;
  readonly instance: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What happens, for people and scripts that follow. Names are noun-verb. */
export type AppEvent = { readonly sequence: number; readonly at: number } & (
  | ({
      readonly event: "revision-written";
      readonly revision: number;
      readonly reason: string;
      /** What it leads to; long values are cut. */
      readonly plan?: Plan;
    } & Composed<"reason">)
  | { readonly event: "revision-reached"; readonly revision: number; readonly tookMs: number }
  | ({ readonly event: "revision-failed"; readonly revision: number; readonly reason: string } & Composed<"reason">)
  | ({ readonly event: "snapshot-refused" } & SnapshotRefusal)
  | { readonly event: "manifest-refused"; readonly problems: readonly string[] }
  | ({
      readonly event: "service-state";
      readonly service: string;
      readonly state: LifecycleState;
      readonly reason?: string;
    } & Composed<"reason">)
  | ({
      readonly event: "instance-state";
      readonly instance: string;
      readonly state: LifecycleState;
      readonly reason?: string;
      readonly pid?: number;
    } & Composed<"reason">)
  /** It was well and was stopped for room for another service, whose manifest says so. */
  | ({
      readonly event: "instance-preempted";
      readonly instance: string;
      readonly by: string;
      readonly reason: string;
    } & Composed<"reason">)
  | { readonly event: "instance-exited"; readonly instance: string; readonly exit: ExitStatus }
  | ({
      readonly event: "incident-opened";
      readonly number: number;
      readonly class: IncidentClass;
      readonly summary: string;
    } & Composed<"summary">)
  | ({
      readonly event: "incident-recovered";
      readonly number: number;
      readonly summary: string;
      readonly totalMs: number;
      readonly detectionMs: number;
    } & Composed<"summary">)
  | {
      readonly event: "listener-moved";
      readonly id: string;
      readonly wishedPort: number;
      readonly port: number;
      readonly holder?: string;
    }
  | ({
      readonly event: "override-written";
      readonly field: string;
      readonly value: unknown;
      readonly actor: string;
      readonly reason: string;
    } & Composed<"reason">)
  | ({ readonly event: "override-dropped"; readonly field: string; readonly reason: string } & Composed<"reason">)
  | { readonly event: "gateway-state"; readonly state: "connected" | "lost" }
  | ({ readonly event: "app-stopping"; readonly reason: string } & Composed<"reason">)
);
