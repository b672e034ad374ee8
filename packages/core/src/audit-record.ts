// The audit trail: who changed what of an app, when, why, and by which command. Entries are only ever added.
import type { Composed } from "./composed-text.ts";

/** What is written down. A reader that meets another one (a newer control wrote it) shows it as it stands. */
export const AUDIT_ACTIONS = [
  "revision-write",
  "override-write",
  "override-drop",
  "restart",
  "run",
  "down",
  "key-create",
  "key-rotate",
  "key-revoke",
  "preempt",
] as const;

/** One of them. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One entry as it is told. */
export interface AuditRecord extends Composed<"reason"> {
  /** Rises with every entry. */
  readonly sequence: number;
  /** Wall milliseconds. */
  readonly at: number;
  /** Who: a person's name, `operator` for a call of the API that names nobody, or the part of control that did it by itself. */
  readonly actor: string;
  /** One of `AUDIT_ACTIONS`, or what a newer control calls it. */
  readonly action: string;
  readonly reason: string;
  /** What it changed, as plain data whose form depends on the action; never with secrets. */
  readonly difference: unknown;
  /** What a person did to cause it: `flyball scale api=3`, or `POST /v1/scale`; absent for what control does by itself. */
  readonly command?: string;
}

/** Which entries are asked for. */
export interface AuditQuery {
  /** Not those before it, in wall milliseconds. */
  readonly since?: number;
  /** The newest so many. */
  readonly limit: number;
}
