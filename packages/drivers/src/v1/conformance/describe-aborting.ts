// Signals: what was aborted before it began does nothing, and a wait ends at once.
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { ConformanceSubject } from "./conformance-subject.ts";
import { firstLines, scenario } from "./scenario.ts";

/** Tests of abort signals. */
export function describeAborting(subject: ConformanceSubject): void {
  scenario(
    subject,
    "a call with an aborted signal rejects with its reason and does nothing",
    async ({ driver, workload, startOne, running, start }) => {
      const { handle } = await startOne(workload("steady"));
      const reason = new Error("no longer wanted");
      const aborted = AbortSignal.abort(reason);
      const other = workload("steady", { service: "beta" });
      const calls: readonly (() => Promise<unknown>)[] = [
        () => driver.fingerprint(aborted),
        () => driver.apply({ workload: other, replicas: 1 }, start, aborted),
        () => driver.observe(() => {}, aborted),
        () => driver.restart(handle, workload("steady"), start, aborted),
        () => driver.stop(handle, { graceMs: 0, stopSignal: "SIGTERM" }, aborted),
        () => driver.recover(handle, aborted),
      ];
      for (const call of calls) await assert.rejects(call, (error) => error === reason);
      assert.deepEqual(
        (await running()).map((one) => one.handle),
        [handle],
      );
    },
  );

  scenario(
    subject,
    "an abort ends the wait for a stubborn program, which a later stop still ends",
    async ({ driver, workload, startOne, running, signal }) => {
      const { handle } = await startOne(workload("stubborn"));
      await firstLines(driver, handle, 1);
      const ending = new AbortController();
      const begin = performance.now();
      const stopped = driver.stop(handle, { graceMs: 60_000, stopSignal: "SIGTERM" }, ending.signal);
      ending.abort(new Error("enough"));
      await assert.rejects(stopped, /enough/);
      assert.ok(performance.now() - begin < 5_000);
      assert.equal((await running()).length, 1);
      await driver.stop(handle, { graceMs: 0, stopSignal: "SIGTERM" }, signal);
      assert.deepEqual(await running(), []);
    },
  );
}
