// Starting: as many instances as wished, with ordinals that are unique over all hashes of a service.
import assert from "node:assert/strict";
import { isFlyballError } from "@flyball/core";
import type { ConformanceSubject } from "./conformance-subject.ts";
import { ordinalsOf, scenario, TWO_PORTS } from "./scenario.ts";

/** Tests of `apply`. */
export function describeStarting(subject: ConformanceSubject): void {
  scenario(
    subject,
    "apply starts the instances and answers them with ordinals, addresses and identity",
    async ({ workload, apply, running }) => {
      const instances = await apply(workload("steady", { ports: TWO_PORTS }), 2);
      assert.deepEqual(ordinalsOf(instances), [0, 1]);
      assert.deepEqual(
        (await running()).map((one) => one.handle).toSorted(),
        instances.map((one) => one.handle).toSorted(),
      );
      for (const instance of instances) {
        assert.equal(instance.state, "running");
        assert.equal(instance.service, "alpha");
        assert.equal(instance.specHash, "hash-1");
        assert.equal(instance.revision, 7);
        assert.deepEqual(Object.keys(instance.addresses).toSorted(), ["http", "sql"]);
      }
      const ports = instances.flatMap((instance) => Object.values(instance.addresses).map((address) => address.port));
      assert.equal(new Set(ports).size, 4, "every instance has ports of its own");
    },
  );

  scenario(subject, "the same apply again changes nothing", async ({ workload, apply }) => {
    const first = await apply(workload("steady"), 2);
    assert.deepEqual(await apply(workload("steady"), 2), first);
  });

  scenario(
    subject,
    "apply to fewer stops the highest ordinals, apply to none stops all",
    async ({ workload, apply, running }) => {
      await apply(workload("steady"), 3);
      assert.deepEqual(ordinalsOf(await apply(workload("steady"), 1)), [0]);
      assert.deepEqual(ordinalsOf(await running()), [0]);
      assert.deepEqual(await apply(workload("steady"), 0), []);
      assert.deepEqual(await running(), []);
    },
  );

  scenario(subject, "a gap is filled with the lowest free ordinal", async ({ driver, workload, apply, signal }) => {
    const [first] = await apply(workload("steady"), 2);
    assert.ok(first);
    await driver.stop(first.handle, { graceMs: 10_000, stopSignal: "SIGTERM" }, signal);
    const again = await apply(workload("steady"), 2);
    assert.deepEqual(ordinalsOf(again), [0, 1]);
    assert.ok(
      again.every((instance) => instance.handle !== first.handle),
      "the new one has a handle of its own",
    );
  });

  scenario(
    subject,
    "two hashes of a service run side by side, and apply of one leaves the other alone",
    async ({ workload, apply, running }) => {
      const old = await apply(workload("steady"), 2);
      const fresh = await apply(workload("steady", { specHash: "hash-2" }), 2);
      assert.deepEqual(ordinalsOf(await running()), [0, 1, 2, 3]);
      assert.deepEqual(ordinalsOf(fresh), [2, 3]);
      await apply(workload("steady"), 0);
      assert.deepEqual(
        (await running()).map((one) => one.specHash),
        ["hash-2", "hash-2"],
      );
      assert.equal(old.length, 2);
    },
  );

  scenario(subject, "services do not share ordinals", async ({ workload, startOne }) => {
    const alpha = await startOne(workload("steady"));
    const beta = await startOne(workload("steady", { service: "beta" }));
    assert.deepEqual([alpha.ordinal, beta.ordinal], [0, 0]);
    assert.notEqual(alpha.handle, beta.handle);
  });

  scenario(subject, "two calls at once do not start too many", async ({ workload, apply, running }) => {
    await Promise.all([apply(workload("steady"), 2), apply(workload("steady"), 2)]);
    assert.deepEqual(ordinalsOf(await running()), [0, 1]);
  });

  scenario(
    subject,
    "a program that cannot be started is an error with a code, and leaves nothing",
    async ({ workload, apply, running }) => {
      await assert.rejects(apply(workload("unstartable"), 1), (error) => isFlyballError(error));
      assert.deepEqual(await running(), []);
      assert.deepEqual(ordinalsOf(await apply(workload("steady"), 1)), [0]);
    },
  );
}
