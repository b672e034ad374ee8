// The loop while the disk takes nothing: gateways get what is new, instances are started again, and each change stands once there is room.
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { FlyballError, type Snapshot } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { writeOverride } from "./desired/override-book.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import { createControlRig, type ControlRig } from "./testing/control-rig.ts";
import { makeService, makeSpec } from "./testing/make-spec.ts";
import { verbatim } from "./texts/compose-text.ts";

let rig: ControlRig | undefined;
afterEach(async () => {
  await rig?.dispose();
  rig = undefined;
});

/** A check that the fake driver answers itself. */
const HEALTHCHECK = { command: ["true"], intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 30_000 };
const API = makeService("api", { replicas: 2, healthcheck: HEALTHCHECK });

const codes = (): readonly unknown[] => (rig?.errors ?? []).map((error) => (error as FlyballError).code);

describe("the loop on a disk that takes nothing", () => {
  it("publishes a snapshot that cannot be stored, says so, and stores it later", async () => {
    rig = await createControlRig();
    mkdirSync(rig.snapshotFile);
    await rig.apply(makeSpec([API]));
    await rig.advance(15_000);
    expect(rig.published.at(-1)?.pools.flatMap(({ endpoints }) => endpoints)).toHaveLength(2);
    expect(new Set(codes())).toEqual(new Set(["FB_STATE_UNWRITABLE"]));
    expect(rig.errors.length).toBeLessThanOrEqual(2);
    rmdirSync(rig.snapshotFile);
    await rig.advance(2_000);
    const stored = JSON.parse(readFileSync(rig.snapshotFile, "utf8")) as Snapshot;
    expect(stored.version).toBe(rig.published.at(-1)?.version);
  });

  it("does without the steps that the store refuses, and takes them up when it does not any more", async () => {
    const store = openSqliteStore(":memory:");
    const disk = { isFull: false };
    const limited: Store = {
      ...store,
      atomically(run) {
        if (disk.isFull) throw new FlyballError("FB_CONTROL_STORE_UNWRITABLE", { path: "store.db", reason: "full" });
        return store.atomically(run);
      },
    };
    rig = await createControlRig({ store: limited });
    await rig.apply(makeSpec([API]));
    await rig.advance(3_000);
    const { context } = rig.control;
    const expiresAt = rig.clock.now() + 1_000;
    writeOverride(context, {
      field: "services.api.replicas",
      value: 3,
      actor: "ann",
      reason: verbatim("sale"),
      expiresAt,
    });
    disk.isFull = true;
    await rig.advance(2_000);
    expect(codes()).toContain("FB_CONTROL_STORE_UNWRITABLE");
    expect(store.overrides.list()).toHaveLength(1);
    const [first] = rig.control.context.state.table.of("api");
    rig.driver.crash(first?.handle ?? "");
    await rig.advance(5_000);
    expect(rig.running("api")).toContain(0);
    disk.isFull = false;
    await rig.advance(2_000);
    expect(store.overrides.list()).toEqual([]);
    expect(store.audit.list({ limit: 1 })).toMatchObject([{ action: "override-drop" }]);
  });
});
