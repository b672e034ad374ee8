// When an incident ends, on the whole loop: what the gateway reports of an instance that it has ejected, and what its silence means.
import type { AppSpec, AttemptOutcome, Incident, ServiceSpec } from "@flyball/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { restart } from "../api/commands.ts";
import { enqueue } from "../create-control.ts";
import { endpointId } from "../observe/instance.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";

let rig: ControlRig;

function specOf(service: Partial<ServiceSpec> = {}): AppSpec {
  const { healthcheck: _healthcheck, ...rest } = makeService("api", { replicas: 2, ...service });
  const check = { command: ["true"], intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 30_000 };
  return makeSpec([{ ...rest, healthcheck: check }]);
}

beforeEach(async () => {
  rig = await createControlRig();
  await rig.apply(specOf());
});

afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
});

/** What the gateway saw of the instance in this place during the last 200 ms. */
async function seen(ordinal: number, outcome: AttemptOutcome, count: number): Promise<void> {
  const { table, inbox } = rig.control.context.state;
  const instance = table.of("api").find((each) => each.ordinal === ordinal && each.phase === "ready");
  if (instance === undefined) throw new Error(`api/${ordinal} is not ready`);
  const now = rig.clock.now();
  const times = outcome === "succeeded" ? { lastGoodAt: now } : { firstBadAt: now, lastBadAt: now };
  enqueue(inbox.signals, {
    kind: "requests",
    pool: "api",
    endpoint: endpointId(instance, "api"),
    from: now - 200,
    to: now,
    outcomes: { [outcome]: count },
    inFlight: 0,
    latencySumMs: count,
    latencyMaxMs: 1,
    ...times,
    ...(outcome === "succeeded" ? {} : { lastFailure: "status 500" }),
  });
  await rig.advance(300);
}

const newest = (): Incident | undefined => rig.store.incidents.list({ limit: 1 })[0];

describe("an incident of failed requests", () => {
  it("opens at the fourth failure of an ejected instance and stays open, and says so, while nothing is asked of it", async () => {
    // A restart would change what is known.
    await rig.apply(specOf({ healing: { act: ["eject"] } }));
    for (const pauseMs of [0, 0, 1_000, 2_000]) {
      expect(newest()).toBeUndefined();
      await rig.advance(pauseMs);
      await seen(1, "server-error", 1);
    }
    expect(newest()).toMatchObject({ class: "failed-requests", state: "open", summary: "requests fail at api/1" });
    expect(newest()?.evidence[0]?.text).toMatch(/^4 of 4 attempts failed in \d+ ms; last: status 500$/);
    for (let second = 0; second < 60; second += 1) {
      await seen(0, "succeeded", 5);
      await rig.advance(700);
    }
    expect(newest()?.state).toBe("open");
    expect(
      newest()
        ?.evidence.slice(1)
        .map(({ text }) => text),
    ).toEqual([
      "0 good answers of api/1 since its last failure, 2 are needed: whether it works again is not known, the incident stays open",
    ]);
    await seen(1, "server-error", 1);
    await rig.advance(30_000);
    expect(newest()?.state).toBe("open");
    expect(rig.store.incidents.list({ limit: 10 })).toHaveLength(1);
  });

  it("recovers with the first good answer of the instance itself, and a later trickle of failures opens another", async () => {
    await rig.apply(specOf({ healing: { act: ["eject"] } }));
    await seen(1, "server-error", 4);
    await rig.advance(20_000);
    await seen(1, "succeeded", 1);
    const firstGood = rig.clock.now() - 300;
    await rig.advance(11_000);
    expect(newest()?.state).toBe("open");
    await seen(1, "succeeded", 1);
    expect(newest()).toMatchObject({ state: "recovered", recoveredAt: firstGood });
    for (let request = 0; request < 200; request += 1) {
      const isBad = request % 12 === 5;
      await seen(1, isBad ? "server-error" : "succeeded", 1);
    }
    expect(newest()).toMatchObject({ number: 2, class: "failed-requests", state: "open" });
  }, 30_000);

  it("recovers with good answers of the instance that took its place, not with its start", async () => {
    await seen(1, "reset", 5);
    rig.driver.crash(rig.driver.instances("api").find(({ ordinal }) => ordinal === 1)!.handle);
    await rig.advance(30_000);
    expect(rig.running("api")).toEqual([0, 1]);
    expect(newest()?.state).not.toBe("recovered");
    await seen(1, "succeeded", 5);
    await rig.advance(10_000);
    expect(newest()).toMatchObject({ number: 1, state: "recovered" });
  });
});

describe("an incident of another class", () => {
  it("does not recover while requests fail at the instance that was started again", async () => {
    rig.driver.crash(rig.driver.instances("api").find(({ ordinal }) => ordinal === 1)!.handle);
    await rig.advance(2_000);
    await seen(1, "server-error", 4);
    expect(newest()).toMatchObject({ number: 1, class: "process-exit", state: "open" });
    expect(newest()?.evidence.at(-1)?.text).toMatch(/^4 of 4 attempts failed/);
    await rig.advance(60_000);
    expect(newest()?.state).toBe("open");
    restart(rig.control.context, { service: "api", actor: "test" });
    await rig.advance(5_000);
    expect(newest()?.state).toBe("closed");
  });

  it("recovers without a request when nothing failed since", async () => {
    rig.driver.crash(rig.driver.instances("api").find(({ ordinal }) => ordinal === 1)!.handle);
    await rig.advance(15_000);
    expect(newest()).toMatchObject({ class: "process-exit", state: "recovered" });
  });
});
