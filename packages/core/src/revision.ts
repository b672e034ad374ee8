// Declared state and what is laid over it (design §1): revisions are immutable and numbered, overrides say who, why and until when.
import type { AppSpec } from "./app-spec.ts";
import type { Composed } from "./composed-text.ts";

/** An immutable, numbered state that a file, Git or a release declared. */
export interface Revision extends Composed<"reason"> {
  readonly number: number;
  /** SHA-256 of the spec's canonical JSON. */
  readonly hash: string;
  readonly author: string;
  /** Why it was written: `up`, `file changed`, `rollback to 3`. */
  readonly reason: string;
  readonly createdAt: number;
  readonly spec: AppSpec;
}

/** A revision without its spec, for lists. */
export type RevisionSummary = Omit<Revision, "spec">;

/** The fields that may be overridden, as paths: `services.<name>.replicas`, `services.<name>.paused`, `paused`. */
export type OverrideField = string;

/** A value laid over the declared revision by scaling, recovery or a person. */
export interface Override extends Composed<"reason"> {
  readonly id: string;
  readonly field: OverrideField;
  readonly value: unknown;
  readonly actor: string;
  readonly reason: string;
  readonly evidence?: unknown;
  readonly createdAt: number;
  readonly expiresAt?: number;
  /** The revision that it was written against; a later revision that changes the field drops it. */
  readonly againstRevision: number;
}

/** One difference of two specs. */
export interface SpecChange {
  /** `services.api.environment.LOG`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}
