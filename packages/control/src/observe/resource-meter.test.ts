import { afterEach, expect, it } from "vitest";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import { startResourceMeter } from "./resource-meter.ts";

let rig: ControlRig;
afterEach(async () => rig.dispose());

it("restarts an instance that stays above its memory limit, with the limit as the cause", async () => {
  const megabyte = 1024 * 1024;
  rig = await createControlRig({ knobs: { usage: { cpus: 0.5, rssBytes: 300 * megabyte } } });
  const { healthcheck: _check, ...service } = makeService("api", {
    ports: [],
    resources: { limits: { memoryBytes: 200 * megabyte }, reservations: {} },
  });
  startResourceMeter(rig.control.context);
  await rig.apply(makeSpec([service]));
  const [before] = rig.driver.instances("api");
  rig.driver.setKnobs({});
  await rig.advance(8_000);
  const running = rig.driver.instances("api").filter((instance) => instance.state === "running");
  expect(running).toHaveLength(1);
  expect(running[0]?.handle).not.toBe(before?.handle);
  expect(rig.store.incidents.list({ limit: 5 })[0]).toMatchObject({
    class: "memory-limit",
    summary: "api/0 uses 300 MiB, its limit is 200 MiB",
  });
});
