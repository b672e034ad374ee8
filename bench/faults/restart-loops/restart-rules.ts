// Rules of restart with their defaults.
import { decideRestart, type CrashHistory } from "../../../packages/control/src/decide/restart-policy.ts";
import type { RestartRule } from "./restart-rule.ts";

/** What the manifest has unless something else is written. */
const FLYBALL = {
  policy: "always",
  delayMs: 500,
  maxDelayMs: 30_000,
  resetAfterMs: 60_000,
  crashLoopAfter: 5,
} as const;

const flyball: RestartRule = {
  name: "Flyball",
  create(random) {
    let history: CrashHistory = { crashes: 0 };
    return {
      ended(uptimeMs, now) {
        const exit = { code: 1, signal: null, at: now, wasRequested: false };
        const decision = decideRestart(FLYBALL, history, exit, { uptimeMs, random });
        history = decision.history;
        return decision.kind === "restart" ? decision.delayMs : null;
      },
    };
  },
};

/**
 * PM2 starts again at once. An end within `min_uptime` (1 s) of its start counts as unstable, but only in the first 16 × `min_uptime` of the app's
 * life; the sixteenth ends it for good.
 */
const pm2: RestartRule = {
  name: "PM2",
  create() {
    const [leastMs, most] = [1_000, 16];
    let createdAt: number | undefined;
    let unstable = 0;
    return {
      ended(uptimeMs, now) {
        createdAt ??= now - uptimeMs;
        if (now - createdAt < leastMs * most && uptimeMs < leastMs) unstable += 1;
        return unstable >= most ? null : 0;
      },
    };
  },
};

/** `exp_backoff_restart_delay: 100`: half as long again each time up to 15 s; 0 again after 30 s of work. The count of unstable ends stays. */
const pm2BackOff: RestartRule = {
  name: "PM2, exp_backoff_restart_delay 100",
  create(random) {
    const book = pm2.create(random);
    let delayMs = 0;
    return {
      ended(uptimeMs, now) {
        if (book.ended(uptimeMs, now) === null) return null;
        if (uptimeMs > 30_000) delayMs = 0;
        delayMs = delayMs === 0 ? 100 : Math.min(15_000, Math.floor(delayMs * 1.5));
        return delayMs;
      },
    };
  },
};

/** systemd with Restart=always: RestartSec 100 ms; a sixth start within StartLimitIntervalSec (10 s) is refused, for good. */
const systemd: RestartRule = {
  name: "systemd, Restart=always",
  create() {
    const waitMs = 100;
    const starts: number[] = [];
    return {
      ended(uptimeMs, now) {
        starts.push(now - uptimeMs);
        const recent = starts.filter((at) => at > now + waitMs - 10_000);
        return recent.length >= 5 ? null : waitMs;
      },
    };
  },
};

/** Kubernetes: at once, then 10 s doubling to 300 s; ten minutes of work begin the count anew. */
const kubernetes: RestartRule = {
  name: "Kubernetes",
  create() {
    let crashes = 0;
    return {
      ended(uptimeMs) {
        crashes = uptimeMs >= 600_000 ? 1 : crashes + 1;
        return crashes === 1 ? 0 : Math.min(300_000, 10_000 * 2 ** (crashes - 2));
      },
    };
  },
};

/** All of them. */
export const RESTART_RULES: readonly RestartRule[] = [flyball, pm2, pm2BackOff, systemd, kubernetes];
