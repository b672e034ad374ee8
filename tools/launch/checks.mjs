// The checks that need no running program: form, lint, types, unused code. All of them run, so that one look shows everything, and at
// the same time, because none of them uses all processors for all of its time.
import { resolveProgram } from "./resolve-program.mjs";
import { runQuietly } from "./run-quietly.mjs";

const CHECKS = [
  { name: "format", program: "oxfmt", words: ["--check"] },
  { name: "lint", program: "oxlint", words: ["--type-aware", "--deny-warnings"] },
  { name: "types", program: "tsc", words: ["-p", "tsconfig.json", "--noEmit"] },
  { name: "unused code", program: "knip", words: [] },
];

/** Runs every check; answers the names of those that passed and failed. */
export async function checkAll() {
  const passed = [];
  const failed = [];
  const running = CHECKS.map(runCheck);
  for (const { name, code, output, took } of await Promise.all(running)) {
    (code === 0 ? passed : failed).push(name);
    process.stdout.write(`${code === 0 ? "✓" : "✗"} ${name} (${took} s)\n`);
    if (code !== 0) process.stdout.write(`${output.trimEnd()}\n`);
  }
  return { passed, failed };
}

async function runCheck({ name, program, words }) {
  const startedAt = performance.now();
  const { code, output } = await runQuietly([resolveProgram(program), ...words]);
  return { name, code, output, took: ((performance.now() - startedAt) / 1_000).toFixed(1) };
}
