// Linkerd's failure accrual as annotated with its defaults: seven failures in a row, then a penalty from one second doubling to one minute with a jitter
// of one half, and one request as the probe (documentation of linkerd, circuit breaking).
import type { Ejector } from "./ejector.ts";

const CONSECUTIVE = 7;
const LEAST_PENALTY_MS = 1_000;
const MOST_PENALTY_MS = 60_000;
const JITTER = 0.5;

export const linkerdEjector: Ejector = {
  name: "Linkerd",
  createPool(endpoints, random) {
    const hosts = Array.from({ length: endpoints }, () => ({ row: 0, penalties: 0, until: 0, isOut: false }));
    let ejections = 0;
    return {
      takes: (endpoint, now) => (hosts[endpoint]?.until ?? 0) <= now,
      ended(endpoint, isGood, now) {
        const host = hosts[endpoint] as (typeof hosts)[number];
        const wasOut = host.isOut;
        host.row = isGood ? 0 : host.row + 1;
        if (isGood) Object.assign(host, { penalties: 0, isOut: false });
        if (isGood || (host.row < CONSECUTIVE && !wasOut)) return;
        const penaltyMs = Math.min(MOST_PENALTY_MS, LEAST_PENALTY_MS * 2 ** host.penalties);
        Object.assign(host, { row: 0, penalties: host.penalties + 1, isOut: true });
        host.until = now + penaltyMs * (1 + JITTER * random());
        if (!wasOut) ejections += 1;
      },
      ejections: () => ejections,
      isOut: (endpoint) => hosts[endpoint]?.isOut === true,
    };
  },
};
