// A vitest reporter that writes what the closing lines of a run need, to the file that FLYBALL_TEST_REPORT names: by file what passed, what was
// left out and what failed. The JSON report of vitest itself names neither hooks that failed nor errors that no test caught.
import { writeFileSync } from "node:fs";
import { relative } from "node:path";

export default class ClosingReporter {
  #root = "";

  onInit(vitest) {
    this.#root = vitest.config.root;
  }

  onTestRunEnd(modules, unhandledErrors) {
    const results = modules.map(resultOf);
    for (const error of unhandledErrors) {
      // Files share a worker, so the path is that of the file that ran then; it may be that of a neighbour.
      const path = error.VITEST_TEST_PATH;
      const file = path === undefined ? undefined : relative(this.#root, path);
      const failure = failureOf("outside of every test", error);
      const result = results.find((each) => each.file === file);
      if (result === undefined) results.push({ file, passed: 0, skipped: 0, failures: [failure] });
      else result.failures.push(failure);
    }
    writeFileSync(process.env["FLYBALL_TEST_REPORT"], JSON.stringify(results));
  }
}

function resultOf(module) {
  const failures = module.errors().map((error) => failureOf("the file itself", error));
  for (const suite of module.children.allSuites()) {
    failures.push(...suite.errors().map((error) => failureOf(`${suite.fullName} (a hook)`, error)));
  }
  const result = { file: module.relativeModuleId, passed: 0, skipped: 0, failures };
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    if (state === "passed") result.passed += 1;
    else if (state === "failed") failures.push(failureOf(test.fullName, errors?.[0]));
    else result.skipped += 1;
  }
  return result;
}

function failureOf(name, error) {
  const [line] = String(error?.message ?? "no message").split("\n", 1);
  return { name, message: line.slice(0, 300) };
}
