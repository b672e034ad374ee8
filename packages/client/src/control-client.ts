// The typed client of the control API: one method for each call of core's control-api.ts, and nothing that the API does not have.
import type {
  ChangedKey,
  AppEvent,
  AppSpec,
  AppStatus,
  ApplyRequest,
  ApplyResult,
  AuditQuery,
  AuditRecord,
  CallExplanation,
  Clock,
  Incident,
  IssuedKey,
  KeyRequest,
  KeyStatus,
  KeyUsage,
  LogLine,
  NoticeTestResult,
  Override,
  Plan,
  PredictionStatus,
  Revision,
  RevisionSummary,
  SpecChange,
  UsageStatus,
} from "@flyball/core";
import { systemClock } from "@flyball/core";
import { followEvents } from "./follow-events.ts";
import { callJson, type ControlAddress } from "./control-call.ts";
import type { LogQuery } from "./log-query.ts";
import { queryPath } from "./query-path.ts";
import { readLogLines } from "./read-log-lines.ts";

/** How to reach control. */
export interface ControlClientOptions extends ControlAddress {
  /** Until an answer begins, in milliseconds; 30,000 unless set. */
  readonly timeoutMs?: number;
  /** Drives the waits between reconnects. */
  readonly clock?: Clock;
}

/** Every call rejects with FlyballError: FB_CONTROL_UNREACHABLE, FB_CONTROL_UNAUTHORISED or what control raised. */
export interface ControlClient {
  readonly url: string;
  health(signal?: AbortSignal): Promise<void>;
  status(signal?: AbortSignal): Promise<AppStatus>;
  revisions(): Promise<{ readonly revisions: readonly RevisionSummary[]; readonly current: number }>;
  revision(number: number): Promise<Revision>;
  plan(spec: AppSpec): Promise<Plan>;
  apply(request: ApplyRequest): Promise<ApplyResult>;
  rollback(request: { readonly to?: number; readonly reason?: string }): Promise<ApplyResult>;
  diff(range: { readonly from?: number; readonly to?: number }): Promise<{ readonly changes: readonly SpecChange[] }>;
  incidents(query?: {
    readonly limit?: number;
    readonly state?: Incident["state"];
  }): Promise<{ readonly incidents: readonly Incident[] }>;
  incident(numberOrId: string): Promise<Incident>;
  /** Who changed what: the newest entries, newest last. */
  audit(query?: Partial<AuditQuery>): Promise<{ readonly entries: readonly AuditRecord[] }>;
  restart(request: {
    readonly service: string;
    readonly instance?: string;
    readonly reason?: string;
  }): Promise<{ readonly restarted: readonly string[] }>;
  scale(request: {
    readonly service: string;
    readonly replicas: number;
    /** Until further notice unless given. */
    readonly forMs?: number;
    readonly reason?: string;
  }): Promise<{ readonly override: Override }>;
  /** The manifest decides again on the number of instances, or the load. */
  followManifest(request: { readonly service: string }): Promise<{ readonly removed: number }>;
  pause(request: {
    readonly service?: string;
    readonly forMs?: number;
    readonly reason: string;
  }): Promise<{ readonly override: Override }>;
  resume(request: { readonly service?: string }): Promise<{ readonly removed: number }>;
  /** What was asked for against what is used. */
  top(): Promise<UsageStatus>;
  /** How well answers were foretold, and what was learned of endpoints. */
  predictions(): Promise<PredictionStatus>;
  /** Why a request went where it went. */
  explain(requestId: string): Promise<CallExplanation>;
  overrides(): Promise<{ readonly overrides: readonly Override[] }>;
  keys(): Promise<{ readonly keys: readonly KeyStatus[] }>;
  /** The value is in this answer and nowhere else. */
  createKey(request: KeyRequest): Promise<IssuedKey>;
  rotateKey(idOrName: string, request: { readonly keepMs?: number; readonly reason?: string }): Promise<IssuedKey>;
  revokeKey(idOrName: string, request: { readonly reason?: string }): Promise<ChangedKey>;
  keyUsage(query: {
    readonly key?: string;
    readonly since?: number;
  }): Promise<{ readonly usage: readonly KeyUsage[]; readonly from: string }>;
  /** Ends with the last line, or with the signal when it follows. */
  logs(query: LogQuery, signal?: AbortSignal): AsyncIterable<LogLine>;
  /** Events after the sequence number, for as long as the signal lasts; a lost connection is taken up where it broke. */
  events(query: { readonly after?: number | undefined }, signal: AbortSignal): AsyncIterable<AppEvent>;
  run(request: {
    readonly service: string;
    readonly command?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  }): Promise<{ readonly tag: string; readonly handle: string }>;
  /** Sends a test notice to one channel, or to all. */
  testNotice(request: { readonly channel?: string }): Promise<{ readonly results: readonly NoticeTestResult[] }>;
  down(request?: { readonly reason?: string }): Promise<void>;
}

/**
 * Creates a client; nothing is sent before the first call.
 *
 * @example
 * const control = createControlClient({ url: "http://127.0.0.1:7070", token });
 * const { services } = await control.status();
 */
export function createControlClient(options: ControlClientOptions): ControlClient {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const clock = options.clock ?? systemClock;
  const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
    (await callJson(options, { method: "GET", path, timeoutMs, signal })) as T;
  const post = async <T>(path: string, body: unknown): Promise<T> =>
    (await callJson(options, { method: "POST", path, body, timeoutMs })) as T;
  return {
    url: options.url,
    health: async (signal) => void (await get("/v1/health", signal)),
    status: (signal) => get("/v1/status", signal),
    revisions: () => get("/v1/revisions"),
    revision: (number) => get(`/v1/revisions/${number}`),
    plan: (spec) => post("/v1/plan", { spec }),
    apply: (request) => post("/v1/revisions", request),
    rollback: (request) => post("/v1/rollback", request),
    diff: (range) => get(queryPath("/v1/diff", range)),
    incidents: (query = {}) => get(queryPath("/v1/incidents", query)),
    audit: (query = {}) => get(queryPath("/v1/audit", query)),
    incident: (numberOrId) => get(`/v1/incidents/${encodeURIComponent(numberOrId)}`),
    restart: (request) => post("/v1/restart", request),
    scale: (request) => post("/v1/scale", request),
    followManifest: ({ service }) => post("/v1/scale", { service, replicas: "auto" }),
    pause: (request) => post("/v1/pause", request),
    resume: (request) => post("/v1/resume", request),
    top: () => get("/v1/top"),
    predictions: () => get("/v1/predictions"),
    explain: (requestId) => get(`/v1/calls/${encodeURIComponent(requestId)}`),
    overrides: () => get("/v1/overrides"),
    keys: () => get("/v1/keys"),
    createKey: (request) => post("/v1/keys", request),
    rotateKey: (idOrName, request) => post(`/v1/keys/${encodeURIComponent(idOrName)}/rotate`, request),
    revokeKey: (idOrName, request) => post(`/v1/keys/${encodeURIComponent(idOrName)}/revoke`, request),
    keyUsage: (query) => get(queryPath("/v1/keys/usage", query)),
    logs: (query, signal) => readLogLines(options, { ...query, timeoutMs, signal }),
    events: (query, signal) => followEvents({ address: options, clock, timeoutMs, after: query.after, signal }),
    run: (request) => post("/v1/run", request),
    testNotice: (request) => post("/v1/notices/test", request),
    down: async (request = {}) => void (await post("/v1/down", request)),
  };
}
