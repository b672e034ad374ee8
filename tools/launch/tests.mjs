// Everything that must hold: checks, unit tests, end-to-end tests. The counts come from our closing reporter; a check counts as one.
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
  "test/resumed-stream.test.ts",
];

/**
 * Unit tests whose limits in time are promises of the gateway, or that load the machine with processes of their own: beside other files they
 * would measure those.
 */
const UNIT_ALONE = [
  "packages/cli/src/simulate/engine-agreement.test.ts",
  "packages/gateway/src/integration/cancellation.test.ts",
  "packages/gateway/src/integration/lost-node.test.ts",
  "packages/gateway/src/integration/overload.test.ts",
  "packages/gateway/src/integration/scheduling.test.ts",
  "packages/gateway/src/integration/shared-limits.test.ts",
  "packages/gateway/src/integration/silent-endpoints.test.ts",
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

/** So many files that fail are no accident of a busy machine. */
const MOST_AGAIN = 8;

function exceptFor(files) {
  return files.map((file) => `--exclude=${file}`);
}

/**
 * Runs all; what failed by name and `N passed, N failed, N skipped` are the last lines; answers the exit code. A file with a failure is run once
 * more by itself, with nothing else on the machine: what it says then counts, and what failed only beside others is named. `isLong` sets
 * FLYBALL_TEST_LONG=1.
 */
export async function testAll({ isLong }) {
  const checks = await checkAll();
  const isWhole = isLong || process.env["CI"] === "true";
  const first = [];
  for (const { name, isAlone, words } of RUNS) {
    if (isAlone && !isWhole) {
      process.stdout.write(`${name}: left out, it needs the machine for itself. Run it with: CI=true npm test\n`);
      continue;
    }
    const found = await runVitest(words, isLong);
    process.stdout.write(`${name}: ${wordsOf(countResults(found))}\n`);
    first.push(...found.map((result) => ({ ...result, project: words[0] })));
  }
  const { results, flaky } = takeSecond(first, await runAgain(first, isLong));
  const counts = countResults(results);
  counts.passed += checks.passed.length;
  counts.failed += checks.failed.length;
  tell("failed beside others, passed by itself", flaky);
  for (const name of checks.failed) process.stdout.write(`failed: ${name}, see above\n`);
  tell("failed", results);
  process.stdout.write(`${wordsOf(counts)}\n`);
  return exitCodeOf(counts, process.env["CI"] === "true");
}

function wordsOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Zero when all is well. In CI a skipped test is no success either: the component that it needs is missing there. */
export function exitCodeOf(counts, isCi) {
  return counts.failed > 0 || (isCi && counts.skipped > 0) ? 1 : 0;
}

/** Sums results of files. */
export function countResults(results) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failures, skipped } of results) {
    counts.passed += passed;
    counts.failed += failures.length;
    counts.skipped += skipped;
  }
  return counts;
}

/** Runs the files that failed once more, each by itself; a machine on which many fail is not asked again. */
async function runAgain(results, isLong) {
  const failed = results.filter(({ file, failures }) => file !== undefined && failures.length > 0);
  if (failed.length > MOST_AGAIN) return [];
  const second = [];
  for (const { file, project } of failed) {
    process.stdout.write(`once more, by itself: ${file}\n`);
    second.push(...(await runVitest([project, "--maxWorkers=1", file], isLong)));
  }
  return second;
}

/** Puts results of a second run in the place of those of the first; `flaky` are those whose failures are gone. */
export function takeSecond(first, second) {
  const bySecond = new Map(second.map((result) => [result.file, result]));
  const isFlaky = ({ file, failures }) => failures.length > 0 && bySecond.get(file)?.failures.length === 0;
  return { results: first.map((result) => bySecond.get(result.file) ?? result), flaky: first.filter(isFlaky) };
}

function tell(what, results) {
  for (const { file, failures } of results) {
    for (const { name, message } of failures)
      process.stdout.write(`${what}: ${file ?? "a run"} > ${name}: ${message}\n`);
  }
}

async function runVitest(selection, isLong) {
  const folder = mkdtempSync(join(tmpdir(), "flyball-test-"));
  const path = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", `--reporter=${join(import.meta.dirname, "closing-reporter.mjs")}`];
    const words = ["run", ...selection, "--passWithNoTests", ...reporters];
    const added = { FLYBALL_TEST_REPORT: path, ...(isLong && { FLYBALL_TEST_LONG: "1" }) };
    const code = await runVisibly([resolveProgram("vitest"), ...words], added);
    return readResults(path, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Results of a run by file. A run that failed without a failure in its report, or without a report, is one failure of no file. */
export function readResults(path, exitCode) {
  const results = readReport(path) ?? [];
  if (exitCode === 0 || results.some(({ failures }) => failures.length > 0)) return results;
  return [...results, { passed: 0, skipped: 0, failures: [{ name: "vitest", message: `exit code ${exitCode}` }] }];
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
