// A revision that cannot be reached: what the status says while the old instances serve, what asking again does, where a rollback goes.
import type { ServiceSpec } from "@flyball/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rollback } from "./api/commands.ts";
import { appStatus } from "./api/status.ts";
import { applyRevision } from "./desired/apply-revision.ts";
import { createControlRig, type ControlRig } from "./testing/control-rig.ts";
import { makeService, makeSpec } from "./testing/make-spec.ts";

let rig: ControlRig;

beforeEach(async () => {
  rig = await createControlRig({
    knobs: ({ environment: { VERSION } }) => {
      if (VERSION === "missing") return { failToStart: "no such program" };
      return VERSION === "broken" ? { crashAfterMs: 50, exitCode: 4, output: ["no such volume"] } : {};
    },
  });
});

afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
});

const spec = (version: string): ReturnType<typeof makeSpec> => {
  const { healthcheck: _healthcheck, ...service } = makeService("api", {
    ports: [],
    environment: { VERSION: version },
  });
  return makeSpec([service satisfies ServiceSpec]);
};
const versions = (): readonly (string | undefined)[] =>
  rig.driver.instances("api").flatMap(({ state, revision }) => (state === "running" ? [`revision ${revision}`] : []));

describe("a revision that fails while the one before it serves", () => {
  it.each([
    ["broken", "api/1 exited with code 4"],
    ["missing", "no such program"],
  ])("is never shown as ready (%s), and says why", async (version, reason) => {
    await rig.apply(spec("1"));
    expect(appStatus(rig.control.context)).toMatchObject({ state: "ready" });
    await applyRevision(rig.control.context, { spec: spec(version), author: "file", reason: "file changed" });
    expect(appStatus(rig.control.context).state).toBe("starting");
    await rig.advance(1_200);
    for (let again = 0; again < 2; again += 1) {
      const status = appStatus(rig.control.context);
      expect(status.state).toMatch(/^(degraded|failed)$/);
      expect(status.failure).toContain(reason);
      expect(versions()).toContain("revision 1");
      const result = await applyRevision(rig.control.context, { spec: spec(version), author: "me", reason: "up" });
      expect(result.isChanged).toBe(false);
      expect(appStatus(rig.control.context)).toMatchObject({ state: "starting" });
      expect(appStatus(rig.control.context)).not.toHaveProperty("failure");
      await rig.advance(1_200);
    }
    expect(rig.eventsNamed("revision-failed").map(({ revision }) => revision)).toEqual([2, 2, 2]);
    expect(rig.eventsNamed("revision-reached").map(({ revision }) => revision)).toEqual([1]);
  });
});

describe("a rollback", () => {
  const goBack = (): Promise<unknown> => rollback(rig.control.context, { actor: "test" });
  const reasons = (): readonly string[] => rig.store.revisions.list().map(({ reason }) => reason);

  it("goes to the last revision that was reached, past those that failed", async () => {
    for (const version of ["1", "2", "broken", "missing"]) await rig.apply(spec(version));
    await goBack();
    await rig.advance(3_000);
    expect(reasons()).toContain("rollback to 2");
    expect(appStatus(rig.control.context)).toMatchObject({ state: "ready", revision: { number: 5 } });
    await goBack();
    expect(reasons()).toContain("rollback to 1");
  });

  it("says that there is nothing to go back to, and goes where a person says", async () => {
    await rig.apply(spec("broken"));
    await expect(goBack()).rejects.toMatchObject({ code: "FB_CONTROL_NO_EARLIER_REVISION" });
    await rig.apply(spec("1"));
    await expect(goBack()).rejects.toMatchObject({ code: "FB_CONTROL_NO_EARLIER_REVISION" });
    await rollback(rig.control.context, { actor: "test", to: 1 });
    expect(reasons()).toContain("rollback to 1");
    await expect(rollback(rig.control.context, { actor: "test", to: 9 })).rejects.toMatchObject({
      code: "FB_CONTROL_NOT_FOUND",
    });
  });

  it("remembers over a restart of control what was reached", async () => {
    for (const version of ["1", "2", "broken"]) await rig.apply(spec(version));
    rig = await rig.restartControl();
    await rig.advance(1_000);
    await goBack();
    expect(reasons()).toContain("rollback to 2");
  });
});
