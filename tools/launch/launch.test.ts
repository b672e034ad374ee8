import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";

// The launcher is plain JavaScript for any Node, so its modules come in without types.
const load = async (name: string): Promise<Record<string, (...values: unknown[]) => unknown>> =>
  (await import(new URL(name, import.meta.url).href)) as Record<string, (...values: unknown[]) => unknown>;

test("counts come from vitest's report, with what is to be done counted as skipped", async () => {
  const { countResults } = await load("tests.mjs");
  const report = { numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, numTodoTests: 3 };
  expect(countResults?.(report, 1)).toEqual({ passed: 5, failed: 2, skipped: 4 });
});

test("a run that failed without a failed test is a failure all the same", async () => {
  const { countResults } = await load("tests.mjs");
  expect(countResults?.({ numPassedTests: 5, numFailedTests: 0 }, 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  expect(countResults?.(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countResults?.(undefined, 0)).toEqual({ passed: 0, failed: 0, skipped: 0 });
});

test("a skipped test fails the run in CI and nowhere else", async () => {
  const { exitCodeOf } = await load("tests.mjs");
  const counts = { passed: 5, failed: 0, skipped: 1 };
  expect(exitCodeOf?.(counts, false)).toBe(0);
  expect(exitCodeOf?.(counts, true)).toBe(1);
  expect(exitCodeOf?.({ ...counts, skipped: 0 }, true)).toBe(0);
  expect(exitCodeOf?.({ ...counts, failed: 1 }, false)).toBe(1);
});

test("an app that runs from this checkout is found by its keeper, one of another checkout is not", async () => {
  const { findRunningApps } = await load("running-apps.mjs");
  await using folder = await createTemporaryFolder();
  const keeper = (root: string, app: string): string =>
    ["node", `${root}/packages/cli/src/entries/keeper.ts`, "--app", app, "--clone", "0", ""].join("\0");
  await folder.write("10/cmdline", keeper("/here", "qa"));
  await folder.write("11/cmdline", keeper("/there", "shop"));
  await folder.write("12/cmdline", ["vim", "/here/packages/cli/src/entries/keeper.ts", ""].join("\0"));
  await folder.write("self/cmdline", keeper("/here", "not-a-pid"));
  expect(findRunningApps?.("/here", folder.path)).toEqual(["qa"]);
  expect(findRunningApps?.("/here", `${folder.path}/nowhere`)).toEqual([]);
});
