// Stopping: the program's own way first, force after the grace, and nothing left behind.
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { ConformanceSubject } from "./conformance-subject.ts";
import { firstLines, ordinalsOf, recordEvents, scenario } from "./scenario.ts";

const GRACE_MS = 400;
const LONG_GRACE_MS = 30_000;

/** Tests of `stop`. */
export function describeStopping(subject: ConformanceSubject): void {
  scenario(
    subject,
    "a program that heeds its stop signal is gone long before the grace ends",
    async ({ driver, workload, startOne, running, signal }) => {
      const record = await recordEvents(driver, signal);
      const { handle } = await startOne(workload("steady"));
      const begin = performance.now();
      await driver.stop(handle, { graceMs: LONG_GRACE_MS, stopSignal: "SIGTERM" }, signal);
      assert.ok(performance.now() - begin < LONG_GRACE_MS / 2);
      assert.deepEqual(await running(), []);
      const { exit } = await record.exitOf(handle);
      assert.equal(exit?.wasRequested, true);
      assert.notEqual(exit?.signal, "SIGKILL");
    },
  );

  scenario(
    subject,
    "a program that ignores its stop signal is killed after the grace, not before",
    async ({ driver, workload, startOne, running, signal }) => {
      const record = await recordEvents(driver, signal);
      const { handle } = await startOne(workload("stubborn"));
      await firstLines(driver, handle, 1);
      const begin = performance.now();
      await driver.stop(handle, { graceMs: GRACE_MS, stopSignal: "SIGTERM" }, signal);
      assert.ok(performance.now() - begin >= GRACE_MS - 5, "it had its whole grace");
      assert.deepEqual(await running(), []);
      const { exit } = await record.exitOf(handle);
      assert.equal(exit?.signal, "SIGKILL");
      assert.equal(exit?.wasRequested, true);
    },
  );

  scenario(
    subject,
    "stop may be called twice, at once, after an exit and for an unknown handle",
    async ({ driver, workload, startOne, signal }) => {
      const record = await recordEvents(driver, signal);
      const options = { graceMs: LONG_GRACE_MS, stopSignal: "SIGTERM" };
      const { handle } = await startOne(workload("steady"));
      await Promise.all([driver.stop(handle, options, signal), driver.stop(handle, options, signal)]);
      await driver.stop(handle, options, signal);
      await driver.stop(`${handle}0`, options, signal);
      assert.equal(record.events.filter((event) => event.kind === "instance-exited").length, 1);
    },
  );

  scenario(
    subject,
    "stopping an instance that exited long ago leaves its successor alone",
    async ({ driver, workload, startOne, signal }) => {
      const record = await recordEvents(driver, signal);
      const first = await startOne(workload({ kind: "exits", code: 1, afterMs: 1 }));
      await record.exitOf(first.handle);
      const second = await startOne(workload("steady"));
      assert.equal(second.ordinal, first.ordinal);
      await driver.stop(first.handle, { graceMs: GRACE_MS, stopSignal: "SIGTERM" }, signal);
      assert.equal((await driver.recover(second.handle, signal))?.state, "running");
    },
  );

  scenario(
    subject,
    "a start during a stop of the same ordinal survives it",
    async ({ driver, workload, startOne, apply, running, signal }) => {
      const first = await startOne(workload("steady"));
      const record = await recordEvents(driver, signal);
      const stopped = driver.stop(first.handle, { graceMs: LONG_GRACE_MS, stopSignal: "SIGTERM" }, signal);
      await record.exitOf(first.handle);
      const second = await apply(workload("steady"), 1);
      await stopped;
      assert.deepEqual(ordinalsOf(second), [0]);
      assert.deepEqual(
        (await running()).map((one) => one.handle),
        second.map((one) => one.handle),
      );
    },
  );

  const { isAlive } = subject;
  if (!isAlive) return;
  scenario(
    subject,
    "a grandchild that left for a session of its own is gone when stop resolves",
    async ({ driver, workload, startOne, signal }) => {
      const { handle } = await startOne(workload("detaches"));
      const [line] = await firstLines(driver, handle, 1);
      const pid = Number(line);
      assert.ok(pid > 1 && isAlive(pid), "the grandchild runs");
      await driver.stop(handle, { graceMs: LONG_GRACE_MS, stopSignal: "SIGTERM" }, signal);
      assert.equal(isAlive(pid), false);
    },
  );
}
