// Kills an instance at a moment at which it works on requests, so that a test of lost requests cannot pass because none was lost.
import { setTimeout as delay } from "node:timers/promises";
import type { AppRig } from "./app-rig.ts";
import type { GatewayPages } from "./gateway-pages.ts";

/** One kill −9. */
export interface BusyKill {
  readonly instance: string;
  /** Requests that the gateway had in flight at the instance when it was killed. */
  readonly inFlight: number;
  /** How long it took until it stood beside another ready instance and held a request. */
  readonly waitedMs: number;
}

/** Whom to kill. */
export interface BusyKillOptions {
  readonly rig: AppRig;
  readonly pages: GatewayPages;
  readonly service: string;
  /** Counts the kills: the ready instances are taken in turn. */
  readonly turn: number;
  /** Only an instance that has been ready for so long, by this machine's clock. */
  readonly readyForMs?: number;
}

const LIMIT_MS = 10_000;
/** At fifty requests a second one comes soon, on a busy machine a little later; still longer would be a hang and not a crash. */
const PATIENCE_MS = 2_500;

/** Kills one; fails when no moment comes. */
export async function killBusyInstance(options: BusyKillOptions): Promise<BusyKill> {
  const { rig, pages, service, turn, readyForMs = 0 } = options;
  const dueAt = performance.now();
  const waitedMs = (): number => performance.now() - dueAt;
  while (waitedMs() < LIMIT_MS) {
    const ready = (await rig.instances(service)).filter(({ state }) => state === "ready");
    const victim = ready[turn % ready.length];
    const isSettled = Date.now() - (victim?.readyAt ?? Infinity) >= readyForMs;
    if (ready.length < 2 || victim === undefined || victim.pid === null || !isSettled) {
      await delay(10);
      continue;
    }
    const { pid } = victim;
    // Held still, it cannot answer what reaches it between the look and the kill: what is seen in flight is lost.
    process.kill(pid, "SIGSTOP");
    const inFlight = await requestsHeld(pages, service, victim.port);
    process.kill(pid, "SIGKILL");
    if (inFlight === 0) throw new Error(`no request reached ${victim.instance} within ${PATIENCE_MS} ms`);
    return { instance: victim.instance, inFlight, waitedMs: waitedMs() };
  }
  throw new Error(`no ${service} instance with a request in flight beside another ready one within ${LIMIT_MS} ms`);
}

async function requestsHeld(pages: GatewayPages, service: string, port: number | null): Promise<number> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const endpoint = (await pages.endpoints(service)).find(({ address }) => address.endsWith(`:${port}`));
    if ((endpoint?.inFlight ?? 0) > 0) return endpoint?.inFlight ?? 0;
  }
  return 0;
}

/** Attempts at a service whose connection broke after bytes were sent, since the gateway started. */
export function lostAttempts(pages: GatewayPages, service: string): Promise<number> {
  return pages.count("flyball_attempts_total", { pool: service, outcome: "reset" });
}
