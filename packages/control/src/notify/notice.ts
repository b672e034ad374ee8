// What people are told: one notice holds one or more entries, each about one fault at one place. It is plain data; sentences are made when it
// is sent, in the language that the manifest names then.
import type { ComposedText, IncidentClass, NoticeSeverity } from "@flyball/core";

/** Why a notice is sent. */
export type NoticeKind =
  | "opened"
  /** It became worse than it was told to be. */
  | "worse"
  /** It comes and goes; what follows is folded. */
  | "flapping"
  /** What would show whether it goes on is not seen any more. */
  | "data-missing"
  /** It lasts. */
  | "repeat"
  | "resolved"
  | "test"
  | "heartbeat";

/** One fault at one place. Times are wall milliseconds. */
export interface NoticeEntry {
  /** Stays the same while it comes and goes: receivers fold by it. */
  readonly key: string;
  readonly incident: number;
  readonly class: IncidentClass;
  readonly severity: NoticeSeverity;
  readonly service: string;
  /** `api/0`, or `api` where it is about the whole service. */
  readonly subject: string;
  readonly startedAt: number;
  /** Absent while it lasts. */
  readonly endedAt?: number;
  /** It ended without recovery: its subject is gone. */
  readonly isClosed?: true;
  /** How often it began, where it comes and goes. */
  readonly episodes?: number;
  readonly dataMissingSince?: number;
  readonly summary: ComposedText;
  /** What was done about it last, or why it was closed. */
  readonly done?: ComposedText;
  readonly detectionMs: number;
  /** From the last good moment; absent while it lasts. */
  readonly totalMs?: number;
  /** Who suffers from it. */
  readonly dependants: readonly string[];
}

/** A notice before it is known who gets it. */
export interface NoticeDraft {
  readonly kind: NoticeKind;
  readonly at: number;
  readonly entries: readonly NoticeEntry[];
}

/** A notice on its way to one channel. It may arrive twice; then its id is the same. */
export interface QueuedNotice extends NoticeDraft {
  readonly id: string;
  readonly channel: string;
  readonly attempts: number;
  /** Not before this wall time. */
  readonly dueAt: number;
  /** What came of the last attempt. */
  readonly failure?: string;
  /** It was not taken as it is: those behind it need not wait. */
  readonly isRefused?: true;
}
