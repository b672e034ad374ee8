// Starts a service inside a test, on a free port, and ends it with the test.
import { onTestFinished } from "vitest";
import { createLog } from "../shared/log.ts";
import type { Log } from "../shared/log.ts";
import { serve } from "../shared/serve.ts";
import type { RunningServer } from "../shared/serve.ts";
import type { Service } from "../shared/service.ts";

/** A log that keeps its lines. */
export function createMemoryLog(): { log: Log; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return {
    log: createLog({ service: "test", instance: "qa.test/one/0", write, now: () => 0 }),
    lines,
  };
}

/** Serves until the test ends. */
export async function startService(service: Service, log: Log = createMemoryLog().log): Promise<RunningServer> {
  const server = await serve({ service, log, host: "127.0.0.1", port: 0, idleLingerMs: 20 });
  onTestFinished(async () => {
    await server.drain();
    service.dispose();
  });
  return server;
}
