// Has an attempt of a model call watched from its sending to its end.
import { inputTokens, outputTokens } from "@flyball/core";
import type { CallRun } from "../calls/call-run.ts";
import type { Sending } from "../calls/send-attempt.ts";
import type { AttemptAccount } from "../ledger/call-account.ts";
import type { Booking } from "../schedule/booking.ts";
import { learnCached } from "../schedule/learn-cached.ts";
import type { WatchedAttempt } from "./call-watch.ts";

/** It is sent now. */
export function watchAttempt(
  { exchange, call }: CallRun,
  { backend, endpoint, booking }: Pick<Sending, "backend" | "endpoint" | "booking">,
  account: AttemptAccount | undefined,
): WatchedAttempt {
  const foreseen = exchange.forecast?.inputTokens ?? 1;
  return exchange.context.learning.watch.start({
    endpoint,
    account,
    model: call.model.name,
    inputTokens: foreseen,
    uncachedTokens: booking?.uncachedInFlight ?? foreseen,
    ownUncachedTokens: booking?.uncachedTokens ?? foreseen,
    isStream: call.scan.isStream,
    isOwn: !backend.pool.isProvider && call.face.output === "text",
    tag: booking,
  });
}

/** It is over and its account is closed. */
export function endWatch({ exchange, call }: CallRun, watched: WatchedAttempt): void {
  const { account, endpoint, tag } = watched;
  const usage = account?.reported;
  const tokens = account === undefined || account.isEstimated ? undefined : outputTokens(account.usage);
  const prompt = usage && { inputTokens: inputTokens(usage), cachedTokens: usage.cacheRead };
  exchange.context.learning.watch.end(watched, tokens, prompt);
  // The bytes of pictures and sound say nothing of their tokens.
  if (usage === undefined || tag === undefined || account?.call.start.isInputText !== true) return;
  learnCached(tag as Booking, endpoint, { usage, bodyBytes: call.body.length });
}
