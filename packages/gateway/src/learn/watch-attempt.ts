// Has an attempt of a model call watched from its sending to its end.
import { outputTokens } from "@flyball/core";
import type { CallRun } from "../calls/call-run.ts";
import type { Sending } from "../calls/send-attempt.ts";
import type { AttemptAccount } from "../ledger/call-account.ts";
import type { WatchedAttempt } from "./call-watch.ts";

/** It is sent now. */
export function watchAttempt(
  { exchange, call }: CallRun,
  { backend, endpoint, booking }: Pick<Sending, "backend" | "endpoint" | "booking">,
  account: AttemptAccount | undefined,
): WatchedAttempt {
  const inputTokens = exchange.forecast?.inputTokens ?? 1;
  return exchange.context.learning.watch.start({
    endpoint,
    account,
    model: call.model.name,
    inputTokens,
    uncachedTokens: booking?.uncachedInFlight ?? inputTokens,
    isStream: call.scan.isStream,
    isOwn: !backend.pool.isProvider && call.face.output === "text",
    tag: booking,
  });
}

/** It is over and its account is closed. */
export function endWatch({ exchange }: CallRun, watched: WatchedAttempt): void {
  const { account } = watched;
  const tokens = account === undefined || account.isEstimated ? undefined : outputTokens(account.usage);
  exchange.context.learning.watch.end(watched, tokens);
}
