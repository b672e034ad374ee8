// Plans: pure, named refusals, and exactly what apply does.
import assert from "node:assert/strict";
import { isFlyballError } from "@flyball/core";
import type { ConformanceSubject } from "./conformance-subject.ts";
import { observed, ordinalsOf, scenario } from "./scenario.ts";

/** Tests of `fingerprint` and `plan`. */
export function describePlanning(subject: ConformanceSubject): void {
  scenario(subject, "the fingerprint names the contract, the target and its size", async ({ driver, signal }) => {
    const fingerprint = await driver.fingerprint(signal);
    assert.equal(fingerprint.contract, "driver/v1");
    assert.equal(fingerprint.driver, driver.name);
    assert.ok(fingerprint.target.length > 0 && fingerprint.cpus > 0 && fingerprint.memoryBytes > 0);
  });

  scenario(
    subject,
    "a plan touches nothing, is the same twice, and apply does exactly it",
    async ({ driver, workload, apply, running }) => {
      const [kept, replaced] = [workload("steady"), workload("steady", { specHash: "hash-2" })];
      await apply(kept, 3);
      const desired = [
        { workload: kept, replicas: 1 },
        { workload: replaced, replicas: 2 },
      ];
      const before = await observed(driver);
      const plan = driver.plan(desired, before);
      assert.deepEqual(driver.plan(desired, before), plan);
      assert.deepEqual(await observed(driver), before);
      assert.deepEqual(plan.refusals, []);
      for (const wish of desired) await apply(wish.workload, wish.replicas);
      const after = await running();
      const known = new Set(before.map((instance) => instance.handle));
      const started = after.filter((instance) => !known.has(instance.handle));
      const planned = plan.starts.filter((start) => start.specHash === "hash-2");
      assert.equal(planned.length, 2);
      assert.deepEqual(plan.starts, planned);
      assert.equal(started.length, 2);
      const left = new Set(after.map((instance) => instance.handle));
      const stopped = before.filter((instance) => !left.has(instance.handle)).map((instance) => instance.handle);
      assert.deepEqual(stopped.toSorted(), plan.stops.map((stop) => stop.handle).toSorted());
    },
  );

  scenario(subject, "what was planned to start is what is started", async ({ driver, workload, apply, running }) => {
    await apply(workload("steady"), 2);
    const wish = { workload: workload("steady", { specHash: "hash-2" }), replicas: 2 };
    const plan = driver.plan([wish], await running());
    const started = await apply(wish.workload, wish.replicas);
    assert.deepEqual(
      ordinalsOf(started),
      plan.starts.map((start) => start.ordinal),
    );
    assert.deepEqual(plan.stops, []);
  });

  scenario(
    subject,
    "a field that the target cannot honour is refused by name, and apply starts nothing",
    async ({ driver, workload, apply, running }) => {
      const { change, field } = subject.refused;
      const refused = { ...workload("steady"), ...change };
      const plan = driver.plan([{ workload: refused, replicas: 1 }], []);
      const refusal = plan.refusals.find((entry) => entry.field === field);
      assert.ok(refusal, `no refusal of ${field}: ${JSON.stringify(plan.refusals)}`);
      assert.equal(refusal.service, refused.service);
      assert.ok(refusal.reason.length > 10, "the reason says why");
      await assert.rejects(apply(refused, 1), (error) => isFlyballError(error, "FB_DRIVER_FIELD_REFUSED"));
      assert.deepEqual(await running(), []);
    },
  );
}
