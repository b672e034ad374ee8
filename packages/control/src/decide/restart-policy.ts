// When a crashed instance is started again. Back-off: at once, then delay, 2·delay … up to a maximum, with ± 20 % jitter applied after
// the cap, so that capped waits do not fall in step. An uptime of `resetAfterMs` begins the count anew. The loop is never given up: a
// crash-looping instance is tried at the longest delay until a new revision or `flyball restart` cuts the wait short.
import type { ComposedText, ExitStatus, Random, RestartSpec } from "@flyball/core";
import { composeText } from "../texts/compose-text.ts";

/** The crashes in a row of one slot (service and ordinal). */
export interface CrashHistory {
  readonly crashes: number;
  readonly lastExit?: ExitStatus;
}

/** What follows from an exit. */
export type RestartDecision =
  | {
      readonly kind: "restart";
      readonly delayMs: number;
      readonly isCrashLoop: boolean;
      readonly history: CrashHistory;
      readonly reason: ComposedText;
    }
  | { readonly kind: "leave"; readonly history: CrashHistory; readonly reason: ComposedText };

/** Decides after an exit that nobody asked for. `uptimeMs` is the life of the instance that ended. */
export function decideRestart(
  policy: RestartSpec,
  before: CrashHistory,
  exit: ExitStatus,
  facts: { readonly uptimeMs: number; readonly random: Random },
): RestartDecision {
  const crashes = facts.uptimeMs >= policy.resetAfterMs ? 1 : before.crashes + 1;
  const history: CrashHistory = { crashes, lastExit: exit };
  const how = describeExit(exit);
  if (policy.policy === "never") return { kind: "leave", history, reason: composeText("restart.never", { how }) };
  if (policy.policy === "on-failure" && exit.code === 0) {
    return { kind: "leave", history, reason: composeText("restart.on-failure", { how }) };
  }
  const delayMs = backOffMs(policy, crashes, facts.random);
  const isCrashLoop = crashes >= policy.crashLoopAfter;
  const crash = crashes === 1 ? composeText("crash.first") : composeText("crash.again", { count: crashes });
  return {
    kind: "restart",
    delayMs,
    isCrashLoop,
    history,
    reason: composeText("restart.due", { how, crash, delayMs }),
  };
}

/** 0 for the first crash, then the lesser of delay·2^(n−2) and `maxDelayMs`, ± 20 %. */
export function backOffMs(policy: RestartSpec, crashes: number, random: Random): number {
  if (crashes <= 1) return 0;
  const exponential = policy.delayMs * 2 ** Math.min(crashes - 2, 30);
  return Math.round(Math.min(policy.maxDelayMs, exponential) * (0.8 + 0.4 * random()));
}

/** `exited with code 1`, `was killed by SIGKILL`. */
export function describeExit(exit: ExitStatus): ComposedText {
  return exit.signal === null
    ? composeText("exit.code", { code: exit.code ?? "unknown" })
    : composeText("exit.signal", { signal: exit.signal });
}
