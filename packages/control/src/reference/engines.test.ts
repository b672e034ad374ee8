// Pains 1 and 3 of the reference list, on the whole loop and a fake clock: health checks that lie in one direction or the other.
import { afterEach, describe, expect, it } from "vitest";
import { enqueue } from "../create-control.ts";
import { endpointId } from "../observe/instance.ts";
import { checkedService, createHealingStage } from "../testing/healing-stage.ts";

const stage = createHealingStage();
const { start, all, restartsOf, instanceAt, tell } = stage;

afterEach(async () => {
  expect(stage.rig.errors).toEqual([]);
  await stage.rig.dispose();
});

/** What the gateway reads of a model server's counters. */
function count(ordinal: number, counters: { running: number; waiting: number; progress: number }): void {
  const endpoint = endpointId(instanceAt("llm", ordinal), "llm");
  const at = stage.rig.clock.now();
  enqueue(stage.rig.control.context.state.inbox.signals, { kind: "engine", pool: "llm", endpoint, at, counters });
}

const isServed = (ordinal: number): boolean =>
  (stage.rig.published.at(-1)?.pools[0]?.endpoints ?? []).some(
    ({ id, ejected }) => id.startsWith(`llm/${ordinal}@`) && ejected !== true,
  );

describe("pain 1: health checks of a model server whose engine is dead", () => {
  it("are no proof: it gets no requests any more within ten seconds of its last step, and is started again", async () => {
    await start([checkedService("llm", { replicas: 2 })]);
    let progress = 0;
    for (let second = 0; second < 20; second += 1) {
      progress += 50;
      for (const ordinal of [0, 1]) count(ordinal, { running: 8, waiting: 2, progress });
      await stage.rig.advance(1_000);
    }
    const diedAt = stage.rig.clock.now();
    let leftAt: number | undefined;
    for (let second = 0; second < 40 && restartsOf("llm") === 0; second += 1) {
      count(0, { running: 8, waiting: 2 + second, progress });
      count(1, { running: 8, waiting: 2, progress: progress + 50 * (second + 1) });
      tell("llm", 1);
      for (let quarter = 0; quarter < 4; quarter += 1) {
        await stage.rig.advance(250);
        if (!isServed(0)) leftAt ??= stage.rig.clock.now();
      }
    }
    expect((leftAt ?? Infinity) - diedAt).toBeLessThanOrEqual(10_000);
    expect(all()).toMatchObject([{ class: "engine-stalled", subject: { service: "llm", ordinal: 0 } }]);
    expect(restartsOf("llm")).toBe(1);
    expect(isServed(1)).toBe(true);
  }, 30_000);

  it("are believed of one that has nothing to do: an idle hour long nothing is suspected", async () => {
    await start([checkedService("llm")]);
    for (let minute = 0; minute < 60; minute += 1) {
      count(0, { running: 0, waiting: 0, progress: 4_711 });
      await stage.rig.advance(60_000);
    }
    expect(all()).toEqual([]);
    expect(isServed(0)).toBe(true);
  }, 60_000);
});

describe("pain 3: checks that fail everywhere because all of it is overloaded", () => {
  it.each(["bad", "silent"] as const)(
    "(%s) take one instance at a time, never all of them away, and whoever there is goes on serving",
    async (answer) => {
      await start([checkedService("api", { replicas: 4 })]);
      stage.answers["api"] = answer;
      const reachable: number[] = [];
      for (let tick = 0; tick < 1_200; tick += 1) {
        // Each answers what it is asked, slowly.
        for (const { ordinal, phase } of stage.rig.control.context.state.table.of("api"))
          if (phase === "ready" || phase === "unhealthy") tell("api", ordinal, { latencySumMs: 20_000, inFlight: 30 });
        await stage.rig.advance(250);
        reachable.push(stage.rig.published.at(-1)?.pools[0]?.endpoints.length ?? 0);
      }
      expect(Math.min(...reachable)).toBeGreaterThanOrEqual(3);
      expect(restartsOf("api")).toBeLessThanOrEqual(4);
    },
    60_000,
  );
});
