// Everything that must hold: checks, unit tests, end-to-end tests. The counts come from vitest's own report; a check counts as one.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAll } from "./checks.mjs";
import { pinnedNode, withPinnedPath } from "./pinned-node.mjs";
import { repositoryRoot } from "./repository-root.mjs";
import { resolveProgram } from "./resolve-program.mjs";

/**
 * End-to-end files that neither measure nor load the machine: they mostly wait, so they run side by side. Every other file, a new one
 * too, has the machine for itself.
 */
const SIDE_BY_SIDE = [
  "test/fresh-clone.test.ts",
  "test/interrupts.test.ts",
  "test/dependencies.test.ts",
  "test/commands.test.ts",
  "test/side-by-side.test.ts",
  "test/nothing-left.test.ts",
  "test/packed.test.ts",
  "test/quality.test.ts",
  "test/scaling.test.ts",
  "test/keys.test.ts",
  "test/provider-secrets.test.ts",
];

/**
 * Unit tests whose limits in time are promises of the gateway, or that load the machine with processes of their own: beside other files they
 * would measure those.
 */
const UNIT_ALONE = [
  "packages/cli/src/simulate/engine-agreement.test.ts",
  "packages/gateway/src/integration/cancellation.test.ts",
  "packages/gateway/src/integration/overload.test.ts",
  "packages/gateway/src/integration/shared-limits.test.ts",
  "packages/gateway/src/integration/workers-killed.test.ts",
  "packages/gateway/src/integration/attacks/bodies.test.ts",
  "packages/gateway/src/integration/attacks/slow-clients.test.ts",
  "packages/gateway/src/integration/reference/cancellation.test.ts",
  "packages/gateway/src/integration/reference/delays.test.ts",
  "packages/gateway/src/integration/reference/overhead.test.ts",
  "packages/gateway/src/integration/reference/soak.test.ts",
  "packages/gateway/src/integration/reference/store.test.ts",
];

/**
 * What vitest runs, one after the other. A file that is renamed leaves its list and goes on where it is not named. What needs the machine for
 * itself is measured where it has one: in CI, and by `npm run test:long`.
 */
const RUNS = [
  { name: "unit", isAlone: false, words: ["--project=unit", ...exceptFor(UNIT_ALONE)] },
  {
    name: "e2e side by side",
    isAlone: false,
    words: ["--project=e2e", "--fileParallelism", "--maxWorkers=4", ...SIDE_BY_SIDE],
  },
  { name: "unit alone", isAlone: true, words: ["--project=unit", "--maxWorkers=1", ...UNIT_ALONE] },
  { name: "e2e alone", isAlone: true, words: ["--project=e2e", ...exceptFor(SIDE_BY_SIDE)] },
];

function exceptFor(files) {
  return files.map((file) => `--exclude=${file}`);
}

/** Runs all; prints `N passed, N failed, N skipped` as the last line and answers the exit code. `isLong` sets FLYBALL_TEST_LONG=1. */
export async function testAll({ isLong }) {
  const checks = await checkAll();
  const counts = { passed: checks.passed.length, failed: checks.failed.length, skipped: 0 };
  const isWhole = isLong || process.env["CI"] === "true";
  for (const { name, isAlone, words } of RUNS) {
    if (isAlone && !isWhole) {
      process.stdout.write(`${name}: left out, it needs the machine for itself. Run it with: CI=true npm test\n`);
      continue;
    }
    const found = await runVitest(words, isLong);
    process.stdout.write(`${name}: ${found.passed} passed, ${found.failed} failed, ${found.skipped} skipped\n`);
    for (const kind of ["passed", "failed", "skipped"]) counts[kind] += found[kind];
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return exitCodeOf(counts, process.env["CI"] === "true");
}

/** Zero when all is well. In CI a skipped test is no success either: the component that it needs is missing there. */
export function exitCodeOf(counts, isCi) {
  return counts.failed > 0 || (isCi && counts.skipped > 0) ? 1 : 0;
}

async function runVitest(selection, isLong) {
  const folder = mkdtempSync(join(tmpdir(), "flyball-test-"));
  const report = join(folder, "report.json");
  try {
    const words = [
      "run",
      ...selection,
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
