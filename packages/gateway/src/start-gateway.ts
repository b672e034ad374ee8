// The gateway's main thread. Workers serve; here snapshots come in, evidence goes out, admin pages are answered and the end is arranged.
import { readFile } from "node:fs/promises";
import { systemClock, type Clock } from "@flyball/core";
import { createLogger, readLogLevel, type Logger } from "@flyball/telemetry";
import { createParts } from "./main/create-parts.ts";
import { drainWorkers } from "./main/drain-workers.ts";
import type { GatewayOptions } from "./main/gateway-options.ts";
import type { GatewayParts } from "./main/gateway-parts.ts";
import { lookAtLoads, sendEvidence, sendIdle, sendLoads } from "./main/send-signals.ts";

/** How often evidence goes to control while there is some. */
export const SIGNALS_EVERY_MS = 200;
const IDLE_CHECK_MS = 50;
const LOADS_EVERY_MS = 1_000;
const DEFAULT_DRAIN_LIMIT_MS = 30_000;
/** Longest end after the keeper is gone; the whole process is to be gone in five seconds. */
const ORPHAN_DRAIN_MS = 3_000;
const ORPHAN_END_MS = 4_500;
/** How long the end waits for the last spans. */
const TRACES_END_MS = 1_000;

/** A running gateway. */
export interface Gateway {
  /** Version of the snapshot that every worker serves; 0 before the first. */
  readonly snapshotVersion: number;
  /** Stops accepting (the keeper keeps the sockets), finishes what runs, ends. Idempotent. */
  drain(): Promise<void>;
  /** Ends at once. Idempotent. */
  stop(): Promise<void>;
  /** Resolves when the gateway has ended: `failed` when a worker died that could not be replaced (exit code 1), else `stopped`. */
  readonly ended: Promise<"stopped" | "failed">;
}

/** Starts a gateway; resolves when its workers run and the last snapshot, if there is one, has been offered to them. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? createStderrLogger(clock, options.environment ?? process.env);
  const stopping = new AbortController();
  const ended = Promise.withResolvers<"stopped" | "failed">();
  const end = async (how: "stopped" | "failed"): Promise<void> => {
    sendEvidence(parts);
    stopping.abort();
    for (const server of parts.admin.values()) {
      server.close();
      server.closeAllConnections();
    }
    await parts.schedule.stop();
    await parts.fleet.stop();
    await Promise.all([parts.limits.stop(), parts.learning.stop(), parts.traces?.stop(TRACES_END_MS)]);
    ended.resolve(how);
  };
  const onExhausted = (): void => void end("failed");
  const parts = createParts({ options, clock, logger, signal: stopping.signal, onExhausted });
  const timers = [
    clock.every(SIGNALS_EVERY_MS, () => sendEvidence(parts)),
    clock.every(SIGNALS_EVERY_MS, parts.ejector.look),
    clock.every(IDLE_CHECK_MS, () => sendIdle(parts)),
    clock.every(SIGNALS_EVERY_MS, () => lookAtLoads(parts)),
    clock.every(LOADS_EVERY_MS, () => sendLoads(parts)),
  ];
  for (const cancel of timers) stopping.signal.addEventListener("abort", cancel);
  let draining: Promise<void> | undefined;
  const drain = (limitMs: number): Promise<void> => {
    draining ??= drainWorkers(parts, limitMs).then(() => end("stopped"));
    return draining;
  };
  const onKeeperGone = (): void => {
    void drain(ORPHAN_DRAIN_MS);
    // A longer drain that runs already is cut short.
    clock.after(ORPHAN_END_MS, () => void end("stopped"));
  };
  options.signal?.addEventListener("abort", onKeeperGone, { once: true });
  await offerStoredSnapshot(parts);
  return {
    get snapshotVersion() {
      return parts.holder.current?.version ?? 0;
    },
    drain: () => drain(options.drainLimitMs ?? DEFAULT_DRAIN_LIMIT_MS),
    stop: () => end("stopped"),
    ended: ended.promise,
  };
}

async function offerStoredSnapshot(parts: GatewayParts): Promise<void> {
  const path = parts.options.layout.snapshotFile;
  try {
    parts.holder.offerStored(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isAbsent) parts.logger.warn("the stored snapshot cannot be read", { path, error });
  }
}

function createStderrLogger(clock: Clock, environment: Readonly<Record<string, string | undefined>>): Logger {
  return createLogger({
    clock,
    level: readLogLevel(environment["FLYBALL_LOG_LEVEL"]),
    write: (line) => void process.stderr.write(line),
  });
}
