// What happens after an exit that nobody asked for.
import { z } from "zod";
import { described, section } from "./described.ts";
import { choice, duration, wholeNumber } from "./scalars.ts";

const policy = choice(["always", "on-failure", "never"]);

/** The long form of `restart`. */
export const restartRule = section(
  "restart",
  {
    policy: described(policy.optional(), "Default: always, for a job on-failure.", "默认 always，任务为 on-failure。"),
    delay: described(
      duration.default("500ms"),
      "First waiting time after the second quick crash; it doubles each time.",
      "第二次快速崩溃后的首次等待时间；每次翻倍。",
    ),
    max_delay: described(duration.default("30s"), "Longest waiting time.", "最长等待时间。"),
    reset_after: described(
      duration.default("60s"),
      "An uptime from which the count of crashes begins anew.",
      "运行超过该时间后，崩溃次数重新计算。",
    ),
    crash_loop_after: described(
      wholeNumber(1, 1_000).default(5),
      "Crashes in a row after which the instance is in a crash loop.",
      "连续崩溃多少次后视为崩溃循环。",
    ),
  },
  { english: "Restarts after an exit that nobody asked for.", chinese: "非主动退出之后的重启。" },
);

/** `restart`. */
export const restart = z.union([policy, restartRule], {
  error: "expected always, on-failure, never or { policy, delay, max_delay, reset_after, crash_loop_after }",
});

/** `restart` as it is read. */
export type RestartInput = z.output<typeof restart>;
