// Restarting: the same place, a new life.
import assert from "node:assert/strict";
import { isFlyballError } from "@flyball/core";
import type { ConformanceSubject } from "./conformance-subject.ts";
import { observed, ordinalsOf, recordEvents, scenario, TWO_PORTS } from "./scenario.ts";

/** Tests of `restart`. */
export function describeRestarting(subject: ConformanceSubject): void {
  scenario(
    subject,
    "a running instance comes back with its ordinal, its stable tcp port and a new handle",
    async ({ driver, workload, apply, start, signal }) => {
      const program = workload("steady", { ports: TWO_PORTS });
      const instances = await apply(program, 2);
      const second = instances.find((one) => one.ordinal === 1)!;
      const again = await driver.restart(second.handle, program, { ...start, revision: 8 }, signal);
      assert.equal(again.ordinal, 1);
      assert.equal(again.revision, 8);
      assert.notEqual(again.handle, second.handle);
      assert.deepEqual(again.addresses["sql"], second.addresses["sql"]);
      const all = await observed(driver);
      const old = all.find((one) => one.handle === second.handle);
      assert.equal(old?.state, "exited");
      assert.equal(old?.exit?.wasRequested, true);
      assert.deepEqual(ordinalsOf(all.filter((one) => one.state === "running")), [0, 1]);
    },
  );

  scenario(
    subject,
    "an exited instance comes back in its place",
    async ({ driver, workload, apply, startOne, start, signal }) => {
      const record = await recordEvents(driver, signal);
      const first = await startOne(workload({ kind: "exits", code: 1, afterMs: 1 }, { ports: TWO_PORTS }));
      await record.exitOf(first.handle);
      await apply(workload("steady", { service: "beta" }), 1);
      const again = await driver.restart(first.handle, workload("steady", { ports: TWO_PORTS }), start, signal);
      assert.equal(again.ordinal, first.ordinal);
      assert.equal(again.state, "running");
      assert.deepEqual(again.addresses["sql"], first.addresses["sql"]);
    },
  );

  scenario(
    subject,
    "a place that another instance has by now is not taken twice",
    async ({ driver, workload, startOne, start, signal }) => {
      const record = await recordEvents(driver, signal);
      const first = await startOne(workload({ kind: "exits", code: 1, afterMs: 1 }));
      await record.exitOf(first.handle);
      const second = await startOne(workload("steady"));
      assert.equal(second.ordinal, first.ordinal);
      await assert.rejects(driver.restart(first.handle, workload("steady"), start, signal), (error) =>
        isFlyballError(error, "FB_DRIVER_ORDINAL_TAKEN"),
      );
      assert.equal((await driver.recover(second.handle, signal))?.state, "running");
    },
  );

  scenario(
    subject,
    "two restarts at once of one instance leave one instance",
    async ({ driver, workload, startOne, start, running, signal }) => {
      const { handle } = await startOne(workload("steady"));
      const restart = (): Promise<unknown> => driver.restart(handle, workload("steady"), start, signal);
      const results = await Promise.allSettled([restart(), restart()]);
      assert.deepEqual(results.map((result) => result.status).toSorted(), ["fulfilled", "rejected"]);
      assert.deepEqual(ordinalsOf(await running()), [0]);
    },
  );

  scenario(subject, "an unknown handle cannot be restarted", async ({ driver, workload, startOne, start, signal }) => {
    const { handle } = await startOne(workload("steady"));
    await assert.rejects(driver.restart(`${handle}0`, workload("steady"), start, signal), (error) =>
      isFlyballError(error, "FB_DRIVER_UNKNOWN_INSTANCE"),
    );
  });
}
