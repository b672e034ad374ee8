import { afterEach, expect, it } from "vitest";
import { startResourceMeter } from "../observe/resource-meter.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import { usageStatus } from "./usage-status.ts";

const MIB = 1024 ** 2;
let rig: ControlRig;
afterEach(async () => rig.dispose());

it("shows what was asked against what is used, and advises with the evidence", async () => {
  rig = await createControlRig({
    knobs: { usage: { cpus: 0.25, rssBytes: 210 * MIB } },
    machine: { cpus: 4, memoryBytes: 8_192 * MIB },
  });
  const { healthcheck: _check, ...api } = makeService("api", {
    ports: [],
    replicas: 2,
    resources: { limits: { memoryBytes: 2_048 * MIB }, reservations: { cpus: 1, memoryBytes: 1_024 * MIB } },
  });
  startResourceMeter(rig.control.context);
  await rig.apply(makeSpec([api, makeService("search", { external: { address: "127.0.0.1:1", protocol: "http" } })]));
  await rig.advance(20_000);
  const early = usageStatus(rig.control.context);
  expect(early.services.map(({ service }) => service)).toEqual(["api"]);
  expect(early).toMatchObject({
    machine: { cpus: 4, memoryBytes: 8_192 * MIB, gpus: 0 },
    reserved: { cpus: 2, memoryBytes: 2_048 * MIB, gpus: 0 },
  });
  expect(early.services[0]).toMatchObject({ advice: [], reservations: { cpus: 1 } });
  const { usage } = rig.control.context.state;
  const now = rig.clock.now();
  for (let at = now - 600_000; at < now; at += 10_000) {
    for (const instance of ["api/0", "api/1"]) usage.add(instance, { at, cpus: 0.25, memoryBytes: 210 * MIB });
  }
  const [service] = usageStatus(rig.control.context).services;
  expect(service?.instances.map(({ instance }) => instance)).toEqual(["api/0", "api/1"]);
  expect(service?.instances[0]?.memoryBytes).toMatchObject({ now: 210 * MIB, p50: 210 * MIB, p95: 210 * MIB });
  expect(service?.instances[0]?.cpus?.p50).toBeCloseTo(0.25, 1);
  expect(service?.advice.map(({ field, kind, advised }) => [field, kind, advised])).toEqual([
    ["reservations.cpus", "lower", 0.3],
    ["reservations.memory", "lower", 300 * MIB],
  ]);
});
