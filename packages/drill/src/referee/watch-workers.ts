// When a worker of the gateway that ended serves again, by the gateway's own page of counters: it shows what all its workers have answered.
import { get } from "node:http";
import type { AppStatus } from "@flyball/core";
import type { OpenRun } from "./run-record.ts";
import { now, pause, type Watch } from "./watch-run.ts";

/** What the page says. */
export interface WorkerCounts {
  readonly workers: number;
  readonly restarts: number;
}

const LOOK_MS = 50;
const LIMIT_MS = 2_000;

/** Reads the page; undefined when the gateway does not answer, or publishes none. */
export function readWorkers({ listeners }: Pick<AppStatus, "listeners">): Promise<WorkerCounts | undefined> {
  const address = listeners.find(({ kind }) => kind === "admin")?.address;
  if (address === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const options = { host: address.host, port: address.port, path: "/metrics", timeout: LIMIT_MS, agent: false };
    const call = get(options, (response) => {
      let page = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (page += piece));
      response.on("error", () => resolve(undefined));
      response.on("end", () => resolve(parseWorkers(page)));
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(undefined));
    call.on("close", () => resolve(undefined));
  });
}

/** Of a page in the text form of Prometheus. */
export function parseWorkers(page: string): WorkerCounts | undefined {
  const valueOf = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, "m").exec(page)?.[1] ?? Number.NaN);
  const [workers, restarts] = [valueOf("flyball_workers"), valueOf("flyball_worker_restarts_total")];
  return Number.isNaN(workers + restarts) ? undefined : { workers, restarts };
}

/** Notes when one more has been replaced and all that are wanted run; at most until patience is over. */
export async function watchWorkers(
  run: OpenRun,
  { signal, order }: Pick<Watch, "signal" | "order">,
  { status, before }: { readonly status: AppStatus; readonly before: WorkerCounts | undefined },
): Promise<void> {
  run.workers = {};
  const deadline = now() + order.limits.patienceMs;
  while (now() < deadline && !signal.aborted) {
    const seen = await readWorkers(status);
    const isBack =
      seen !== undefined && seen.workers >= order.gatewayWorkers && seen.restarts > (before?.restarts ?? 0);
    if (isBack) {
      run.workers = { backAt: now() };
      return;
    }
    await pause(LOOK_MS, signal).catch(() => undefined);
  }
}
