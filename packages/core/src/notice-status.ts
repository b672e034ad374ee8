// How the channels of notices fare.
import type { ChannelType } from "./notify-spec.ts";

/** One channel. Times are wall milliseconds. */
export interface NoticeChannelStatus {
  readonly channel: string;
  readonly type: ChannelType;
  /** unused: nothing was sent to it since control started. */
  readonly state: "unused" | "works" | "fails";
  /** Notices that wait. */
  readonly queued: number;
  /** What it has taken, tests and heartbeats too. Since control started. */
  readonly sent: number;
  /** Notices that nobody got: too many waited, or they were tried for too long. Since control started. */
  readonly lost: number;
  readonly deliveredAt?: number;
  /** Words of the other side, or why it was not reached. */
  readonly failure?: string;
  readonly failsSince?: number;
  readonly nextAttemptAt?: number;
}

/** What came of a test notice. */
export interface NoticeTestResult {
  readonly channel: string;
  readonly type: ChannelType;
  readonly isDelivered: boolean;
  /** Words of the other side, or why it was not reached. */
  readonly answer: string;
}
