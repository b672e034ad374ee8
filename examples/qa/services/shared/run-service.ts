// The life of a service as a process: read the environment, listen, drain on SIGTERM or SIGINT, exit 0. It is the one
// place that touches the process, so that tests can start the same services inside their own.
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { serve } from "./serve.ts";
import type { Service } from "./service.ts";
import { numberSetting, optionalSetting } from "./settings.ts";
import type { Environment } from "./settings.ts";

/** Runs one service until it is asked to end. A failed start is logged and exits 1. */
export async function runService(
  name: string,
  create: (environment: Environment, log: Log) => Service | Promise<Service>,
): Promise<void> {
  const environment: Environment = process.env;
  const instance = optionalSetting(environment, "FLYBALL_INSTANCE");
  const log = createLog({
    service: name,
    instance,
    write: (line) => process.stdout.write(line),
    now: Date.now,
  });
  try {
    const host = optionalSetting(environment, "HOST") ?? "127.0.0.1";
    const port = numberSetting(environment, "PORT", { fallback: 0, minimum: 0, maximum: 65_535 });
    const service = await create(environment, log);
    const server = await serve({ service, log, host, port });
    const end = async (signal: string): Promise<void> => {
      log.info("draining", { signal });
      await server.drain();
      service.dispose();
      log.info("stopped");
      process.exit(0);
    };
    process.on("SIGTERM", (signal) => void end(signal));
    process.on("SIGINT", (signal) => void end(signal));
    log.info("listening", { url: server.url });
  } catch (error) {
    log.error("start-failed", { message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
}
