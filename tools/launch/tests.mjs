// Everything that must hold: checks, unit tests, end-to-end tests. The counts come from vitest's own report; a check counts as one.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAll } from "./checks.mjs";
import { pinnedNode, withPinnedPath } from "./pinned-node.mjs";
import { repositoryRoot } from "./repository-root.mjs";
import { resolveProgram } from "./resolve-program.mjs";

/** Runs all; prints `N passed, N failed, N skipped` as the last line and answers the exit code. `isLong` sets FLYBALL_TEST_LONG=1. */
export async function testAll({ isLong }) {
  const checks = await checkAll();
  const counts = { passed: checks.passed.length, failed: checks.failed.length, skipped: 0 };
  for (const project of ["unit", "e2e"]) {
    const found = await runVitest(project, isLong);
    process.stdout.write(`${project}: ${found.passed} passed, ${found.failed} failed, ${found.skipped} skipped\n`);
    for (const kind of ["passed", "failed", "skipped"]) counts[kind] += found[kind];
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 ? 0 : 1;
}

async function runVitest(project, isLong) {
  const folder = mkdtempSync(join(tmpdir(), "flyball-test-"));
  const report = join(folder, "report.json");
  try {
    const words = [
      "run",
      "--project",
      project,
      "--passWithNoTests",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ];
    const code = await runVisibly([resolveProgram("vitest"), ...words], isLong ? { FLYBALL_TEST_LONG: "1" } : {});
    return countResults(readReport(report), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts of a report. A run that failed without a failed test (a file that cannot be loaded, no report at all) is one failure. */
export function countResults(report, exitCode) {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const failed = report?.numFailedTests ?? 0;
  return { passed, skipped, failed: exitCode !== 0 && failed === 0 ? 1 : failed };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function runVisibly(words, added) {
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode(), words, {
      cwd: repositoryRoot,
      env: { ...withPinnedPath(process.env), ...added },
      stdio: "inherit",
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
