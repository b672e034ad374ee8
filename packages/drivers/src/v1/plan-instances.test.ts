import type { InstanceObservation, Workload } from "@flyball/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { planInstances } from "./plan-instances.ts";

function workload(service: string, specHash: string): Workload {
  return { service, specHash } as Workload;
}

function instance(
  service: string,
  specHash: string,
  ordinal: number,
  state: "running" | "exited" = "running",
): InstanceObservation {
  return {
    handle: `${service}/${ordinal}#${specHash}`,
    service,
    specHash,
    ordinal,
    state,
    revision: 1,
    startedAt: 0,
    addresses: {},
  };
}

test("a replacement takes the lowest ordinals that no instance of the service has", () => {
  const observed = [instance("a", "old", 0), instance("a", "old", 2), instance("b", "x", 1)];
  const plan = planInstances([{ workload: workload("a", "new"), replicas: 2 }], observed);
  expect(plan).toEqual({
    starts: [
      { service: "a", specHash: "new", ordinal: 1 },
      { service: "a", specHash: "new", ordinal: 3 },
    ],
    stops: [],
  });
});

test("too many are stopped from the highest ordinal down, other hashes stay", () => {
  const observed = [0, 1, 2].map((ordinal) => instance("a", "h", ordinal)).concat(instance("a", "other", 3));
  expect(planInstances([{ workload: workload("a", "h"), replicas: 1 }], observed)).toEqual({
    starts: [],
    stops: [
      { service: "a", handle: "a/2#h" },
      { service: "a", handle: "a/1#h" },
    ],
  });
});

test("exited instances do not count, and their ordinals are free", () => {
  const plan = planInstances([{ workload: workload("a", "h"), replicas: 1 }], [instance("a", "h", 0, "exited")]);
  expect(plan.starts).toEqual([{ service: "a", specHash: "h", ordinal: 0 }]);
});

test("a reserved ordinal counts as an instance of its hash and is not given again", () => {
  const reserved = [{ service: "a", specHash: "h", ordinal: 0 }];
  const plan = planInstances([{ workload: workload("a", "h"), replicas: 2 }], [], reserved);
  expect(plan.starts).toEqual([{ service: "a", specHash: "h", ordinal: 1 }]);
});

test("property: done once, every hash has its replicas, ordinals are unique, and the same plan is empty", () => {
  const hashes = ["h1", "h2", "h3"];
  const ordinals = fc.uniqueArray(fc.tuple(fc.nat(8), fc.constantFrom(...hashes)), {
    selector: ([ordinal]) => ordinal,
    maxLength: 8,
  });
  const wishes = fc.uniqueArray(fc.tuple(fc.constantFrom(...hashes), fc.nat(5)), { selector: ([hash]) => hash });
  fc.assert(
    fc.property(ordinals, wishes, (present, wished) => {
      const observed = present.map(([ordinal, hash]) => instance("a", hash, ordinal));
      const desired = wished.map(([hash, replicas]) => ({ workload: workload("a", hash), replicas }));
      const plan = planInstances(desired, observed);
      const stopped = new Set(plan.stops.map((stop) => stop.handle));
      const after = observed
        .filter((one) => !stopped.has(one.handle))
        .concat(plan.starts.map((start) => instance("a", start.specHash, start.ordinal)));
      expect(new Set(observed.concat(after).map((one) => one.ordinal)).size).toBe(observed.length + plan.starts.length);
      for (const { workload: wish, replicas } of desired) {
        expect(after.filter((one) => one.specHash === wish.specHash)).toHaveLength(replicas);
      }
      expect(planInstances(desired, after)).toEqual({ starts: [], stops: [] });
    }),
  );
});
