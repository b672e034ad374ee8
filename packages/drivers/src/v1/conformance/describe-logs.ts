// Output: the last lines, then new ones, over the lives of an instance.
import assert from "node:assert/strict";
import type { LogLine } from "@flyball/core";
import type { ConformanceSubject } from "./conformance-subject.ts";
import { firstLines, recordEvents, scenario } from "./scenario.ts";

/** Tests of `logs`. */
export function describeLogs(subject: ConformanceSubject): void {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);

  scenario(
    subject,
    "the tail is the last lines in their order, with instance, stream and time",
    async ({ driver, workload, startOne, signal }) => {
      const instance = await startOne(workload({ kind: "prints", lines }));
      await firstLines(driver, instance.handle, lines.length);
      const tail: LogLine[] = [];
      for await (const line of driver.logs(instance.handle, { tail: 5, isFollowing: false }, signal)) tail.push(line);
      assert.deepEqual(
        tail.map((line) => line.text),
        lines.slice(-5),
      );
      for (const line of tail) {
        assert.equal(line.instance, `alpha/${instance.ordinal}`);
        assert.equal(line.stream, "stdout");
        assert.ok(line.at >= instance.startedAt - 1 && line.at <= Date.now() + 1);
      }
    },
  );

  scenario(
    subject,
    "following goes on over a restart, without losing or doubling a line, and ends when its signal aborts",
    async ({ driver, workload, startOne, start, signal }) => {
      const program = workload({ kind: "prints", lines });
      const { handle } = await startOne(program);
      const ending = new AbortController();
      const seen: string[] = [];
      let restarted: Promise<unknown> | undefined;
      for await (const line of driver.logs(handle, { tail: 1_000, isFollowing: true }, ending.signal)) {
        seen.push(line.text);
        if (seen.length === lines.length) restarted = driver.restart(handle, program, start, signal);
        if (seen.length === 2 * lines.length) ending.abort();
      }
      assert.deepEqual(seen, [...lines, ...lines]);
      await restarted;
    },
  );

  scenario(
    subject,
    "the output of an instance that has exited is still there",
    async ({ driver, workload, startOne, signal }) => {
      const record = await recordEvents(driver, signal);
      const { handle } = await startOne(workload({ kind: "prints", lines: ["last words"] }));
      await firstLines(driver, handle, 1);
      await driver.stop(handle, { graceMs: 10_000, stopSignal: "SIGTERM" }, signal);
      await record.exitOf(handle);
      assert.deepEqual(await firstLines(driver, handle, 1), ["last words"]);
    },
  );
}
