// Envoy's outlier detection with its defaults: five 5xx in a row; every ten seconds the success rates of at least five hosts with at least 100 requests
// each, ejecting what lies 1.9 standard deviations below their mean; out for 30 s times the ejections so far, at most 300 s; at most 10 % of the
// hosts, but always one (documentation of envoyproxy/envoy, outlier detection).
import type { Ejector } from "./ejector.ts";

const CONSECUTIVE = 5;
const SWEEP_MS = 10_000;
const LEAST_HOSTS = 5;
const LEAST_REQUESTS = 100;
const DEVIATIONS = 1.9;
const EJECTION_MS = 30_000;
const LONGEST_MS = 300_000;
const MOST_SHARE = 0.1;

export const envoyEjector: Ejector = {
  name: "Envoy",
  createPool(endpoints) {
    const hosts = Array.from({ length: endpoints }, () => ({ row: 0, good: 0, total: 0, times: 0, until: 0 }));
    let sweptAt = 0;
    let ejections = 0;
    const eject = (host: (typeof hosts)[number], now: number): void => {
      const out = hosts.filter(({ until }) => until > now).length;
      if (host.until > now || (out > 0 && (out + 1) / endpoints > MOST_SHARE)) return;
      ejections += 1;
      host.times += 1;
      host.until = now + Math.min(LONGEST_MS, EJECTION_MS * host.times);
      host.row = 0;
    };
    const sweep = (now: number): void => {
      sweptAt = now;
      const counted = hosts.filter(({ total, until }) => total >= LEAST_REQUESTS && until <= now);
      const rates = counted.map(({ good, total }) => good / total);
      for (const host of hosts) {
        if (host.until <= now && host.times > 0) host.times -= 1;
      }
      const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      const spread = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length);
      const worse = counted.filter((_, index) => (rates[index] as number) < mean - DEVIATIONS * spread);
      for (const host of hosts) Object.assign(host, { good: 0, total: 0 });
      if (counted.length >= LEAST_HOSTS) for (const host of worse) eject(host, now);
    };
    return {
      takes: (endpoint, now) => (hosts[endpoint]?.until ?? 0) <= now,
      ended(endpoint, isGood, now) {
        const host = hosts[endpoint] as (typeof hosts)[number];
        if (now - sweptAt >= SWEEP_MS) sweep(now);
        host.total += 1;
        host.good += isGood ? 1 : 0;
        host.row = isGood ? 0 : host.row + 1;
        if (host.row >= CONSECUTIVE) eject(host, now);
      },
      ejections: () => ejections,
      isOut: (endpoint, now) => (hosts[endpoint]?.until ?? 0) > now,
    };
  },
};
