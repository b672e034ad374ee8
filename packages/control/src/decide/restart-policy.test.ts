import type { ExitStatus, RestartSpec } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { englishOf } from "../texts/compose-text.ts";
import { backOffMs, decideRestart, describeExit, type CrashHistory } from "./restart-policy.ts";

const policy: RestartSpec = {
  policy: "always",
  delayMs: 500,
  maxDelayMs: 30_000,
  resetAfterMs: 60_000,
  crashLoopAfter: 5,
};
const crash: ExitStatus = { code: 1, signal: null, at: 0, wasRequested: false };
const middle = (): number => 0.5;

function crashTimes(uptimeMs: number, times: number): { delays: number[]; loops: boolean[] } {
  let history: CrashHistory = { crashes: 0 };
  const delays: number[] = [];
  const loops: boolean[] = [];
  for (let round = 0; round < times; round += 1) {
    const decision = decideRestart(policy, history, crash, { uptimeMs, random: middle });
    history = decision.history;
    delays.push(decision.kind === "restart" ? decision.delayMs : -1);
    loops.push(decision.kind === "restart" && decision.isCrashLoop);
  }
  return { delays, loops };
}

describe("restart policy", () => {
  it.each([500, 2_000, 30_000])(
    "grows the back-off for crashes at %i ms uptime and calls it a crash loop after five",
    (uptimeMs) => {
      const { delays, loops } = crashTimes(uptimeMs, 10);
      expect(delays).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
      expect(loops).toEqual([false, false, false, false, true, true, true, true, true, true]);
    },
  );

  it("begins anew after an uptime of the reset time, so a rare crash is never a loop", () => {
    const { delays, loops } = crashTimes(60_000, 8);
    expect(delays).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(loops).not.toContain(true);
  });

  it("spreads capped waits by jitter, so that a fleet does not restart in step", () => {
    expect(backOffMs(policy, 20, () => 0)).toBe(24_000);
    expect(backOffMs(policy, 20, () => 0.999)).toBeGreaterThan(35_000);
  });

  it("leaves an instance that ended well under on-failure, and any under never", () => {
    const ended = { ...crash, code: 0 };
    const facts = { uptimeMs: 10, random: middle };
    expect(decideRestart({ ...policy, policy: "on-failure" }, { crashes: 0 }, ended, facts).kind).toBe("leave");
    expect(decideRestart({ ...policy, policy: "on-failure" }, { crashes: 0 }, crash, facts).kind).toBe("restart");
    expect(decideRestart({ ...policy, policy: "never" }, { crashes: 0 }, crash, facts).kind).toBe("leave");
  });

  it("says how an instance ended in words", () => {
    expect(englishOf(describeExit(crash))).toBe("exited with code 1");
    expect(englishOf(describeExit({ ...crash, code: null, signal: "SIGKILL" }))).toBe("was killed by SIGKILL");
  });
});
