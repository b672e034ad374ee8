// A channel that is posted to: what is sent, and what the answer means. Both are pure, so golden files pin what goes over the wire. A new one is
// a file in channels/, a line in channels/index.ts and its name in core's HOOK_TYPES.
import type { HookType } from "@flyball/core";
import type { NoticeMessage } from "./notice-message.ts";

/** A request, complete. */
export interface HookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back. */
export interface HookAnswer {
  readonly status: number;
  readonly retryAfter?: string;
  /** At most 64 KiB of it. */
  readonly body: string;
}

/** What became of an attempt. `answer` and `reason` are the other side's words, in one line. */
export type DeliveryOutcome =
  | { readonly kind: "delivered"; readonly answer: string }
  /** It will not be taken as it is: a wrong key, a wrong address. */
  | { readonly kind: "refused"; readonly answer: string }
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterMs?: number };

/** Where it goes, with the values of its secrets. */
export interface HookPlace {
  readonly url: string;
  readonly secret?: string;
  /** Wall time of sending. */
  readonly now: number;
}

/** One kind of channel. */
export interface Channel {
  readonly type: HookType;
  readonly compose: (message: NoticeMessage, place: HookPlace) => HookRequest;
  readonly judge: (answer: HookAnswer, now: number) => DeliveryOutcome;
}
