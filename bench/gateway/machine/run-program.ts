// Runs a program to its end; an interrupted bench ends it too.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Bench } from "../bench.ts";

/** What it wrote to stdout. Rejects when it fails or takes longer than the limit. */
export async function runProgram(
  bench: Bench,
  argv: readonly string[],
  options: { readonly limitMs: number; readonly folder?: string },
): Promise<string> {
  bench.cleanUp.requireOpen();
  const [file = "", ...words] = argv;
  const running = promisify(execFile)(file, words, { timeout: options.limitMs, cwd: options.folder });
  const end = bench.cleanUp.defer(() => Promise.resolve(void running.child.kill("SIGTERM")));
  try {
    return (await running).stdout;
  } finally {
    await end();
  }
}
