// Observing: every start and exit is told, exited instances stay until they are forgotten, and a new driver finds all of them again.
import assert from "node:assert/strict";
import type { ConformanceSubject } from "./conformance-subject.ts";
import { observed, recordEvents, scenario, TWO_PORTS } from "./scenario.ts";

/** Tests of `observe`, `forget` and `recover`. */
export function describeObserving(subject: ConformanceSubject): void {
  scenario(
    subject,
    "a start and an exit are told, with the exit code and that nobody asked for it",
    async ({ driver, workload, startOne, signal }) => {
      const record = await recordEvents(driver, signal);
      const { handle } = await startOne(workload({ kind: "exits", code: 3, afterMs: 20 }));
      const started = await record.first((event) => event.kind === "instance-started");
      assert.equal(started.instance.handle, handle);
      const exited = await record.exitOf(handle);
      assert.equal(exited.state, "exited");
      assert.equal(exited.exit?.code, 3);
      assert.equal(exited.exit?.signal, null);
      assert.equal(exited.exit?.wasRequested, false);
      assert.ok((exited.exit?.at ?? 0) >= exited.startedAt);
      assert.equal(record.events.length, 2);
    },
  );

  scenario(
    subject,
    "an exited instance stays known until it is forgotten, a running one is not forgotten",
    async ({ driver, workload, startOne, signal }) => {
      const record = await recordEvents(driver, signal);
      const exiting = await startOne(workload({ kind: "exits", code: 0, afterMs: 20 }));
      const steady = await startOne(workload("steady", { service: "beta" }));
      await record.exitOf(exiting.handle);
      assert.equal((await observed(driver)).find((one) => one.handle === exiting.handle)?.state, "exited");
      await driver.forget(exiting.handle);
      await driver.forget(steady.handle);
      assert.deepEqual(
        (await observed(driver)).map((one) => one.handle),
        [steady.handle],
      );
    },
  );

  scenario(subject, "nothing is told after the signal aborted", async ({ driver, workload, startOne, signal }) => {
    const ending = new AbortController();
    const early = await recordEvents(driver, ending.signal);
    const late = await recordEvents(driver, signal);
    ending.abort();
    const { handle } = await startOne(workload({ kind: "exits", code: 0, afterMs: 1 }));
    await late.exitOf(handle);
    assert.deepEqual(early.events, []);
  });

  scenario(
    subject,
    "a new driver finds running and exited instances by their handles",
    async ({ harness, driver, workload, startOne, signal }) => {
      const record = await recordEvents(driver, signal);
      const steady = await startOne(workload("steady", { ports: TWO_PORTS }));
      const exiting = await startOne(workload({ kind: "exits", code: 4, afterMs: 1 }, { service: "beta" }));
      await record.exitOf(exiting.handle);
      const again = await harness.reconnect();
      assert.deepEqual(await again.recover(steady.handle, signal), steady);
      assert.equal((await again.recover(exiting.handle, signal))?.exit?.code, 4);
      assert.equal(await again.recover(`${steady.handle}0`, signal), undefined);
      assert.deepEqual(
        (await observed(again)).map((one) => one.handle).toSorted(),
        [steady.handle, exiting.handle].toSorted(),
      );
    },
  );

  scenario(
    subject,
    "a new driver goes on: apply keeps what runs, exits are told, stop works",
    async ({ harness, workload, apply, start, signal }) => {
      const before = await apply(workload("steady"), 2);
      const again = await harness.reconnect();
      const record = await recordEvents(again, signal);
      assert.deepEqual(await again.apply({ workload: workload("steady"), replicas: 2 }, start, signal), before);
      const { handle } = before[0]!;
      await again.stop(handle, { graceMs: 10_000, stopSignal: "SIGTERM" }, signal);
      assert.equal((await record.exitOf(handle)).exit?.wasRequested, true);
    },
  );
}
