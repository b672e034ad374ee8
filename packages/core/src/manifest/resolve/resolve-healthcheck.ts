// A health check with its defaults.
import type { HealthcheckSpec } from "../../app-spec.ts";
import type { HealthcheckInput } from "../schema/healthcheck.ts";
import { parseDuration } from "./quantities.ts";

/** How engines that Flyball runs itself are checked. */
export const SERVE_HEALTHCHECK: HealthcheckSpec = {
  http: { path: "/health" },
  intervalMs: 1_000,
  timeoutMs: 2_000,
  retries: 3,
  startPeriodMs: 30_000,
};

/** Resolves a health check that was checked. */
export function resolveHealthcheck(input: HealthcheckInput): HealthcheckSpec {
  return {
    ...resolveWay(input),
    intervalMs: parseDuration(input.interval),
    timeoutMs: parseDuration(input.timeout),
    retries: input.retries,
    startPeriodMs: parseDuration(input.start_period),
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
