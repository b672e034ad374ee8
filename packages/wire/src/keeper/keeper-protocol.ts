// The keeper protocol, version 1: JSON lines over a 0600 Unix socket. A request is {id, method, params}; its answer is {id, result}
// or {id, error: {code, message, details}}; after `watch` the keeper also sends {event, data}. One line is at most 4 MiB.
// It is small on purpose: the keeper is the one process that must not fail.
import type { ExitStatus, ProcessIdentity } from "@flyball/core";

/** Compared on both sides; a difference is FB_KEEPER_PROTOCOL. */
export const KEEPER_PROTOCOL = "flyball.keeper/v1";

/** A process that the keeper started; kept after its exit until it is forgotten (at most 1,000 exited ones, oldest dropped). */
export interface KeptProcess {
  /** Unique, over the lives of the keeper too: tag `#` the keeper's start `.` a count: `qa.3f9a01c2/question/0#mf3k2h.7`. */
  readonly key: string;
  /** The value of FLYBALL_INSTANCE. */
  readonly tag: string;
  readonly identity: ProcessIdentity;
  readonly state: "running" | "exited";
  readonly startedAt: number;
  readonly exit?: ExitStatus;
  /** What the caller of spawn gave; handed back untouched, so that a driver adopts after control's restart. At most 2,500 characters as JSON. */
  readonly note: Readonly<Record<string, unknown>>;
}

/** How to start a process, in a session of its own. `${secrets.name}` in argv and environment is replaced by the keeper, so values stay inside it. */
export interface SpawnRequest {
  readonly tag: string;
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  /** The whole environment; the keeper adds only FLYBALL_INSTANCE. */
  readonly environment: Readonly<Record<string, string>>;
  /** Below the log folder, lines as in log-line.ts; rotated at `maxBytes`, `files` old ones are kept. */
  readonly log: { readonly path: string; readonly maxBytes: number; readonly files: number };
  /** Absolute paths of files made before the start, mode 0600; `${secrets.name}` is replaced in content. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly note: Readonly<Record<string, unknown>>;
}

/**
 * A process that the keeper keeps alive: control or a gateway. Restarted after 0, 100, 200, 400 … 2,000 ms; reset after 3 s of life.
 * Its tag is `<app>.<clone>/@control/0` or `…/@gateway/<generation>`, its log logs/@<name>/0.log. FLYBALL_GENERATION is its generation.
 */
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
    params: {
      protocol: string;
      role: "cli" | "control" | "gateway" | "test";
      /** The app ends when this connection closes without `detach`. */ isOwner?: boolean;
    };
    result: {
      protocol: string;
      app: string;
      clone: string;
      pid: number;
      startedAt: number;
      bootId: string;
      version: string;
    };
  };
  detach: { params: Record<string, never>; result: Record<string, never> };
  "secrets-put": { params: { values: Record<string, string> }; result: Record<string, never> };
  "secrets-get": {
    params: { names: readonly string[] };
    result: { values: Record<string, string> };
  };
  /** Idempotent for the same id, host and port. Tries `port`, then the next `tryNext` ports; 0 = any free port. FB_KEEPER_BIND when none is free. */
  bind: {
    params: { id: string; host: string; port: number; tryNext: number };
    result: BoundListener;
  };
  unbind: { params: { id: string }; result: Record<string, never> };
  listeners: { params: Record<string, never>; result: { listeners: readonly BoundListener[] } };
  spawn: { params: SpawnRequest; result: KeptProcess };
  /** Sends a signal to the process group of every running process with the tag (or below it, when it ends in `/`) or key. Its exit counts as requested. */
  signal: { params: { tag?: string; key?: string; signal: string }; result: { signalled: number } };
  /**
   * SIGKILL for everything whose environment carries the tag, or a tag below it when it ends in `/`, and for descendants and session
   * members of the tag's processes that show no tag. Repeats until none is left (≤ 2 s). Exits count as requested.
   */
  sweep: { params: { tag: string }; result: { killed: readonly number[] } };
  list: { params: Record<string, never>; result: { processes: readonly KeptProcess[] } };
  forget: { params: { keys: readonly string[] }; result: Record<string, never> };
  /** As `list`; from then on events. An event may come before the answer. */
  watch: { params: Record<string, never>; result: { processes: readonly KeptProcess[] } };
  /**
   * Starts it and answers once it runs. When one runs already: starts a second, and once that has said `ready` drains the first (SIGTERM)
   * and answers. FB_KEEPER_SYSTEM and the first goes on: the second exited three times or took 60 s, or another is taking over already.
   * The generation rises with every start, after a crash too.
   */
  "system-start": { params: SystemProcessRequest; result: { generation: number } };
  "system-list": { params: Record<string, never>; result: { processes: readonly SystemProcess[] } };
  /** Said by a system process: it serves. */
  ready: {
    params: { name: "control" | "gateway"; generation: number };
    result: Record<string, never>;
  };
  /**
   * SIGTERM to gateways, control and every kept process, after graceMs a sweep of the app's tag; answers, and the keeper exits.
   * A caller that is control gets the SIGTERM too and does best to exit on it. Asked again, it answers with the first, and 0 ends the
   * grace of the first.
   */
  shutdown: { params: { graceMs: number }; result: { killed: readonly number[] } };
}

/** A name of a method. */
export type KeeperMethod = keyof KeeperMethods;

/** A system process as the keeper sees it. */
export interface SystemProcess {
  readonly name: "control" | "gateway";
  readonly generation: number;
  readonly pid: number;
  /** exited: it will not be started again; its last event, and it is listed no more. */
  readonly state: "starting" | "ready" | "draining" | "waiting-to-restart" | "exited";
  readonly restarts: number;
  readonly lastExit?: ExitStatus;
}

/** What `watch` brings. */
export type KeeperEvent =
  | { readonly event: "process-started"; readonly data: KeptProcess }
  | { readonly event: "process-exited"; readonly data: KeptProcess }
  | { readonly event: "system-changed"; readonly data: SystemProcess };
