import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";

// The launcher is plain JavaScript for any Node, so its modules come in without types.
const load = async (name: string): Promise<Record<string, (...values: unknown[]) => unknown>> =>
  (await import(new URL(name, import.meta.url).href)) as Record<string, (...values: unknown[]) => unknown>;

interface Result {
  file?: string;
  passed: number;
  skipped: number;
  failures: { name: string; message: string }[];
}

test("results come from the closing reporter", async () => {
  const { readResults, countResults } = await load("tests.mjs");
  await using folder = await createTemporaryFolder();
  const results: Result[] = [
    { file: "a.test.ts", passed: 5, skipped: 3, failures: [{ name: "works", message: "no" }] },
    { file: "b.test.ts", passed: 2, skipped: 0, failures: [] },
  ];
  await folder.write("report.json", JSON.stringify(results));
  expect(readResults?.(`${folder.path}/report.json`, 1)).toEqual(results);
  expect(countResults?.(results)).toEqual({ passed: 7, failed: 1, skipped: 3 });
});

test("a run that failed without a failure in its report is a failure all the same", async () => {
  const { readResults } = await load("tests.mjs");
  await using folder = await createTemporaryFolder();
  await folder.write("report.json", JSON.stringify([{ file: "a.test.ts", passed: 5, skipped: 0, failures: [] }]));
  const failure = { passed: 0, skipped: 0, failures: [{ name: "vitest", message: "exit code 1" }] };
  expect(readResults?.(`${folder.path}/report.json`, 1)).toMatchObject([{ passed: 5 }, failure]);
  expect(readResults?.(`${folder.path}/none.json`, 1)).toEqual([failure]);
  expect(readResults?.(`${folder.path}/none.json`, 0)).toEqual([]);
});

test("the reporter names failed tests, hooks and errors that no test caught", async () => {
  const { readResults } = await load("tests.mjs");
  await using folder = await createTemporaryFolder();
  await folder.write(
    "sample.test.ts",
    `test("passes", () => {});
     test.skip("is left out", () => {});
     test("fails", () => expect(1, "one is two").toBe(2));
     describe("with a hook", () => {
       afterAll(() => { throw new Error("the hook"); });
       test("passes too", () => void Promise.reject(new Error("nobody caught it")));
     });`,
  );
  const run = spawnSync(
    process.execPath,
    [
      fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json"))),
      "run",
      "--globals",
      `--root=${folder.path}`,
      `--reporter=${fileURLToPath(new URL("closing-reporter.mjs", import.meta.url))}`,
    ],
    { env: { PATH: process.env["PATH"], FLYBALL_TEST_REPORT: `${folder.path}/report.json` }, encoding: "utf8" },
  );
  const results = readResults?.(`${folder.path}/report.json`, run.status) as Result[];
  const found = results[0] as Result;
  expect(found).toMatchObject({ file: "sample.test.ts", passed: 2, skipped: 1 });
  expect(found.failures.map(({ name, message }) => `${name}: ${message}`).toSorted()).toEqual([
    expect.stringMatching(/^fails: one is two/),
    "outside of every test: nobody caught it",
    "with a hook (a hook): the hook",
  ]);
});

test("a second run of a file alone takes the place of the first", async () => {
  const { takeSecond } = await load("tests.mjs");
  const result = (file: string, ...failing: string[]): Result => ({
    file,
    passed: 3 - failing.length,
    skipped: 0,
    failures: failing.map((name) => ({ name, message: "" })),
  });
  const flaky = result("flaky", "one");
  const second = [result("flaky"), result("broken", "two")];
  expect(takeSecond?.([result("well"), flaky, result("broken", "one", "two")], second)).toEqual({
    results: [result("well"), ...second],
    flaky: [flaky],
  });
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
