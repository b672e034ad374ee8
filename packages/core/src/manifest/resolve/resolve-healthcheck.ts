// A health check with its defaults. That a start period was stated is kept: it says more than the default of the same length.
import type { HealthcheckSpec } from "../../app-spec.ts";
import type { HealthcheckInput } from "../schema/healthcheck.ts";
import { parseDuration } from "./quantities.ts";

const DEFAULT_START_PERIOD_MS = 30_000;

/** How engines that Flyball runs itself are checked. */
export const SERVE_HEALTHCHECK: HealthcheckSpec = {
  http: { path: "/health" },
  intervalMs: 1_000,
  timeoutMs: 2_000,
  retries: 3,
  startPeriodMs: DEFAULT_START_PERIOD_MS,
};

/** Resolves a health check that was checked. */
export function resolveHealthcheck(input: HealthcheckInput): HealthcheckSpec {
  return {
    ...resolveWay(input),
    intervalMs: parseDuration(input.interval),
    timeoutMs: parseDuration(input.timeout),
    retries: input.retries,
    ...(input.start_period === undefined
      ? { startPeriodMs: DEFAULT_START_PERIOD_MS }
      : { startPeriodMs: parseDuration(input.start_period), isStartPeriodStated: true }),
  };
}

function resolveWay({ http, tcp, command }: HealthcheckInput): Pick<HealthcheckSpec, "http" | "tcp" | "command"> {
  if (typeof http === "string") return { http: { path: http } };
  if (http !== undefined) {
    const { path, port, status } = http;
    return { http: { path, ...(port === undefined ? {} : { port }), ...(status === undefined ? {} : { status }) } };
  }
  if (tcp !== undefined) return { tcp: tcp === true || tcp.port === undefined ? {} : { port: tcp.port } };
  return { command: (command ?? []).map(String) };
}
