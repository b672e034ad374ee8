// What all candidates have in common that are one program on one port, and are ready when they answer.
import type { Bench } from "../bench.ts";
import { untilAnswered } from "../load/until-answered.ts";
import { processFamily } from "../machine/accounting.ts";
import { startProgram } from "../machine/start-program.ts";
import type { AnswerKind } from "../upstream/answer-kind.ts";
import type { CallTarget, RunningCandidate } from "./candidate.ts";

const START_LIMIT_MS = 60_000;
/** What a client sends where no keys are checked. */
export const ANY_KEY = "sk-bench";

/** Starts the program and waits for its first right answer. */
export async function startProxy(
  bench: Bench,
  options: {
    readonly name: string;
    readonly argv: readonly string[];
    readonly environment?: NodeJS.ProcessEnv;
    target(kind: AnswerKind): CallTarget;
  },
): Promise<RunningCandidate> {
  const program = await startProgram(bench, options.name, options.argv, options.environment);
  try {
    await untilAnswered({
      ...options.target("small"),
      kind: "small",
      limitMs: START_LIMIT_MS,
      failure: program.failure,
    });
  } catch (error) {
    await program.stop();
    throw error;
  }
  const coldStartMs = performance.now() - program.spawnedAt;
  return {
    target: options.target,
    servingPids: () => processFamily(program.pid),
    besidePids: () => [],
    coldStartMs: () => Promise.resolve(coldStartMs),
    stop: program.stop,
  };
}
