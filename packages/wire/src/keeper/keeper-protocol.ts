// The keeper protocol, version 1: JSON lines over a 0600 Unix socket. A request is {id, method, params}; its answer is {id, result}
// or {id, error: {code, message, details}}; after `watch` the keeper also sends {event, data}. One line is at most 4 MiB.
// It is small on purpose: the keeper is the one process that must not fail.
import type { ExitStatus, ProcessIdentity } from "@flyball/core";

/** Compared on both sides; a difference is FB_KEEPER_PROTOCOL. */
export const KEEPER_PROTOCOL = "flyball.keeper/v1";

/** A process that the keeper started; kept after its exit until it is forgotten (at most 1,000 exited ones, oldest dropped). */
export interface KeptProcess {
  /** Unique: an instance tag plus `#<start count>`: `qa.3f9a01c2/question/0#7`. */
  readonly key: string;
  /** The value of FLYBALL_INSTANCE. */
  readonly tag: string;
  readonly identity: ProcessIdentity;
  readonly state: "running" | "exited";
  readonly startedAt: number;
  readonly exit?: ExitStatus;
  /** What the caller of spawn gave; handed back untouched, so that a driver adopts after control's restart. */
  readonly note: Readonly<Record<string, unknown>>;
}

/** How to start a process. `${secrets.name}` in argv and environment is replaced by the keeper, so values stay inside it. */
export interface SpawnRequest {
  readonly tag: string;
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  /** The whole environment; the keeper adds only FLYBALL_INSTANCE. */
  readonly environment: Readonly<Record<string, string>>;
  /** Below the log folder; rotated at `maxBytes`, `files` old ones are kept. */
  readonly log: { readonly path: string; readonly maxBytes: number; readonly files: number };
  /** Files made before the start, mode 0600; `${secrets.name}` is replaced in content. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly note: Readonly<Record<string, unknown>>;
}

/** A process that the keeper keeps alive: control or a gateway. Restarted after 0, 100, 200 … 2,000 ms; reset after 10 s of life. */
export interface SystemProcessRequest {
  readonly name: "control" | "gateway";
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Ids of bound listeners. Each is passed `copies` times (one descriptor for each worker) and described in
   * FLYBALL_LISTENERS = [{id, host, port, fds: number[]}] in the child's environment.
   */
  readonly listeners: readonly string[];
  readonly copies: number;
}

/** A listener that the keeper has bound. */
export interface BoundListener {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** Methods with their parameters and results. */
export interface KeeperMethods {
  hello: {
    params: { protocol: string; role: "cli" | "control" | "gateway" | "test"; /** The app ends when this connection closes without `detach`. */ isOwner?: boolean };
    result: { protocol: string; app: string; clone: string; pid: number; startedAt: number; bootId: string; version: string };
  };
  detach: { params: Record<string, never>; result: Record<string, never> };
  "secrets-put": { params: { values: Record<string, string> }; result: Record<string, never> };
  "secrets-get": { params: { names: readonly string[] }; result: { values: Record<string, string> } };
  /** Idempotent for the same id, host and port. Tries `port`, then the next `tryNext` ports; 0 = any free port. FB_KEEPER_BIND when none is free. */
  bind: { params: { id: string; host: string; port: number; tryNext: number }; result: BoundListener };
  unbind: { params: { id: string }; result: Record<string, never> };
  listeners: { params: Record<string, never>; result: { listeners: readonly BoundListener[] } };
  spawn: { params: SpawnRequest; result: KeptProcess };
  /** Sends a signal to the process group of every running process with the tag (or key). */
  signal: { params: { tag?: string; key?: string; signal: string }; result: { signalled: number } };
  /** SIGKILL for everything whose environment carries the tag, or a tag below it when it ends in `/`. Repeats until none is left (≤ 2 s). */
  sweep: { params: { tag: string }; result: { killed: readonly number[] } };
  list: { params: Record<string, never>; result: { processes: readonly KeptProcess[] } };
  forget: { params: { keys: readonly string[] }; result: Record<string, never> };
  watch: { params: Record<string, never>; result: { processes: readonly KeptProcess[] } };
  /** Starts it, or starts a second one and drains the first (SIGTERM) once the second has said `ready`; FLYBALL_GENERATION rises. */
  "system-start": { params: SystemProcessRequest; result: { generation: number } };
  "system-list": { params: Record<string, never>; result: { processes: readonly SystemProcess[] } };
  /** Said by a system process: it serves. */
  ready: { params: { name: "control" | "gateway"; generation: number }; result: Record<string, never> };
  /** Ends gateways and control (SIGTERM, then SIGKILL after graceMs), sweeps the app's tag, answers, and the keeper exits. */
  shutdown: { params: { graceMs: number }; result: { killed: readonly number[] } };
}

/** A name of a method. */
export type KeeperMethod = keyof KeeperMethods;

/** A system process as the keeper sees it. */
export interface SystemProcess {
  readonly name: "control" | "gateway";
  readonly generation: number;
  readonly pid: number;
  readonly state: "starting" | "ready" | "draining" | "waiting-to-restart";
  readonly restarts: number;
  readonly lastExit?: ExitStatus;
}

/** What `watch` brings. */
export type KeeperEvent =
  | { readonly event: "process-started"; readonly data: KeptProcess }
  | { readonly event: "process-exited"; readonly data: KeptProcess }
  | { readonly event: "system-changed"; readonly data: SystemProcess };
