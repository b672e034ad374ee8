// An engine as the whole of a process: reads arguments, starts, prints the address, drains on SIGTERM. The process entry
// stands elsewhere and does `process.exitCode = await runEngine(process.argv.slice(2), process.env)`.

import { engineUsage, readEngineArguments } from "./engine-arguments.ts";
import type { EngineArguments } from "./engine-arguments.ts";
import { startExtractiveEngine } from "./extractive/start-extractive-engine.ts";
import type { RunningEngine } from "./running-engine.ts";
import { startSimulatedEngine } from "./simulated/start-simulated-engine.ts";

/** What an engine process uses of the process it is in. */
export interface EngineSurroundings {
  /** Writes a line for people and programs that wait for the address. */
  print(line: string): void;
  complain(line: string): void;
  /** Calls `run` on each SIGTERM and SIGINT until the returned function is called. */
  onTermination(run: () => void): () => void;
}

const processSurroundings: EngineSurroundings = {
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  onTermination(run) {
    process.on("SIGTERM", run);
    process.on("SIGINT", run);
    return () => {
      process.off("SIGTERM", run);
      process.off("SIGINT", run);
    };
  },
};

/**
 * Runs an engine until it is told to end, and resolves to the exit code: 0 after a drain, 1 when it could not listen,
 * 2 when the arguments are wrong. A second signal while draining closes at once.
 *
 * @param argv engine and flags, for example `["extractive", "--model", "extractive"]`
 * @param environment HOST and PORT are read
 */
export async function runEngine(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  surroundings: EngineSurroundings = processSurroundings,
): Promise<number> {
  const wanted = readEngineArguments(argv, environment);
  if (wanted.outcome === "invalid") {
    surroundings.complain(`${wanted.message}\n${engineUsage}`);
    return 2;
  }
  let running: RunningEngine | undefined;
  let signals = 0;
  const forget = surroundings.onTermination(() => {
    signals += 1;
    void (signals === 1 ? running?.drain() : running?.stop());
  });
  try {
    running = await start(wanted);
    surroundings.print(`${wanted.outcome} engine "${running.model}" listens on ${running.url}`);
    if (signals > 0) void running.drain();
    await running.closed;
    return 0;
  } catch (error) {
    surroundings.complain(`Cannot listen: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    forget();
  }
}

function start(wanted: Exclude<EngineArguments, { outcome: "invalid" }>): Promise<RunningEngine> {
  switch (wanted.outcome) {
    case "extractive":
      return startExtractiveEngine(wanted.options);
    case "simulated":
      return startSimulatedEngine(wanted.options);
    default:
      return wanted satisfies never;
  }
}
