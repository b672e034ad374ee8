import type { ServiceSpec, Snapshot } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { rollback, scale } from "../api/commands.ts";
import { appStatus } from "../api/status.ts";
import { readStoredSnapshot } from "../snapshot/publish.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";

/** With a port, so that it has endpoints, and a check that the fake driver answers itself. */
function served(name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec {
  const healthcheck = { command: ["true"], intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 30_000 };
  return makeService(name, { healthcheck, ...overrides });
}

const BAD = { environment: { BAD: "1" } };
const refuseRevision2 = (snapshot: Snapshot): string | undefined =>
  snapshot.revision === 2 ? "endpoint api/0 has no port" : undefined;

let rig: ControlRig;
afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
});

const runningOf = (revision: number): number =>
  rig.driver.instances("api").filter((one) => one.state === "running" && one.revision === revision).length;

describe("a snapshot that the gateway refuses", () => {
  it("fails its revision at once with code, reason and remedy, told once however often it is refused", async () => {
    rig = await createControlRig({ refuse: refuseRevision2 });
    await rig.apply(makeSpec([served("api")]));
    expect(rig.eventsNamed("revision-reached")).toHaveLength(1);
    await rig.apply(makeSpec([served("api", BAD)]));
    await rig.advance(5_000);
    expect(rig.published.filter(({ revision }) => revision === 2).length).toBeGreaterThan(1);
    const refusal = {
      revision: 2,
      code: "FB_CONTROL_SNAPSHOT_REFUSED",
      reason: "endpoint api/0 has no port",
      remedy: expect.stringContaining("Try: flyball rollback") as string,
    };
    expect(rig.eventsNamed("snapshot-refused")).toMatchObject([refusal]);
    const [failed, ...more] = rig.eventsNamed("revision-failed");
    expect(more).toEqual([]);
    expect(failed?.reason).toMatch(
      /^the gateway refused revision 2: endpoint api\/0 has no port\nWhat was served before/,
    );
    expect(failed?.composed?.reason?.values["sentence"]).toMatchObject({ key: "message.FB_CONTROL_SNAPSHOT_REFUSED" });
    const status = appStatus(rig.control.context);
    expect(status.state).toBe("degraded");
    expect(status.failure).toBe(failed?.reason);
    expect(status.gateway).toMatchObject({ snapshotVersion: rig.gateways[0]!.snapshotVersion, refusal });
  });

  it("leaves the instances that the gateway serves running, however long it takes", async () => {
    rig = await createControlRig({ refuse: refuseRevision2 });
    await rig.apply(makeSpec([served("api", { replicas: 2 })]));
    await rig.apply(makeSpec([served("api", { replicas: 2, ...BAD })]));
    await rig.advance(120_000);
    expect(runningOf(1)).toBe(2);
  });

  it("is over with a revision that is served, and then the replacement goes on", async () => {
    rig = await createControlRig({ refuse: refuseRevision2 });
    await rig.apply(makeSpec([served("api")]));
    await rig.apply(makeSpec([served("api", BAD)]));
    await rig.apply(makeSpec([served("api", { environment: { BAD: "0" } })]));
    await rig.advance(40_000);
    expect(rig.eventsNamed("revision-reached").map(({ revision }) => revision)).toEqual([1, 3]);
    expect(rig.eventsNamed("revision-failed").map(({ revision }) => revision)).toEqual([2]);
    expect([runningOf(1), runningOf(2), runningOf(3)]).toEqual([0, 0, 1]);
    expect(appStatus(rig.control.context)).toMatchObject({ state: "ready", gateway: { isConnected: true } });
    expect(appStatus(rig.control.context).gateway.refusal).toBeUndefined();
  });

  it("does not stay in the file for a gateway that starts while control is away", async () => {
    rig = await createControlRig({ refuse: refuseRevision2 });
    await rig.apply(makeSpec([served("api")]));
    await rig.apply(makeSpec([served("api", BAD)]));
    expect(rig.published.at(-1)?.revision).toBe(2);
    expect(readStoredSnapshot(rig.snapshotFile)).toEqual(rig.published.findLast(({ revision }) => revision === 1));
    await rollback(rig.control.context, { actor: "test" });
    await rig.advance(5_000);
    expect(readStoredSnapshot(rig.snapshotFile)).toEqual(rig.published.at(-1));
  });

  it("is over with a rollback too", async () => {
    rig = await createControlRig({ refuse: refuseRevision2 });
    await rig.apply(makeSpec([served("api")]));
    await rig.apply(makeSpec([served("api", BAD)]));
    await rollback(rig.control.context, { actor: "test" });
    await rig.advance(40_000);
    expect(appStatus(rig.control.context).state).toBe("ready");
    expect(appStatus(rig.control.context).gateway.refusal).toBeUndefined();
  });

  it("because there is too much of something is over when that is taken back", async () => {
    const endpoints = (snapshot: Snapshot): number => snapshot.pools.flatMap((pool) => pool.endpoints).length;
    rig = await createControlRig({
      refuse: (snapshot) => (endpoints(snapshot) > 3 ? "too many endpoints" : undefined),
    });
    await rig.apply(makeSpec([served("api", { replicas: 2 })]));
    scale(rig.control.context, { service: "api", replicas: 6, actor: "test" });
    await rig.advance(5_000);
    expect(appStatus(rig.control.context).gateway.refusal?.reason).toBe("too many endpoints");
    scale(rig.control.context, { service: "api", replicas: 2, actor: "test" });
    await rig.advance(40_000);
    expect(appStatus(rig.control.context).state).toBe("ready");
    expect(rig.running("api")).toEqual([0, 1]);
  });

  it("holds nothing while the app stops", async () => {
    rig = await createControlRig({ refuse: refuseRevision2 });
    await rig.apply(makeSpec([served("api")]));
    await rig.apply(makeSpec([served("api", BAD)]));
    rig.control.context.state.isStopping = true;
    await rig.advance(40_000);
    expect(rig.running("api")).toEqual([]);
  });
});
