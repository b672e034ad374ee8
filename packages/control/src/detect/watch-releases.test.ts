// A bad release on the whole loop, on a fake clock: how it is told and what is done.
import { seededRandom } from "@flyball/fakes";
import { afterEach, describe, expect, it } from "vitest";
import { endpointId, type Instance } from "../observe/instance.ts";
import { checkedService, createHealingStage, rungsOf } from "../testing/healing-stage.ts";
import { makeSpec } from "../testing/make-spec.ts";

const stage = createHealingStage();
const TICK_MS = 250;

afterEach(async () => {
  expect(stage.rig.errors).toEqual([]);
  await stage.rig.dispose();
});

const instances = (service: string) =>
  stage.rig.control.context.state.table.of(service).filter(({ phase }) => phase === "ready");

/** During a release two instances may have the same place. */
function tell(instance: Instance, seen: Parameters<typeof stage.tell>[2]): void {
  const endpoint = endpointId(instance, instance.service);
  stage.tell(instance.service, instance.ordinal, { ...seen, endpoint });
}

/** Requests of a service, each to one of its ready instances; those of a later revision fail in this share. */
async function play(seconds: number, perSecond: number, share: number, seed = 1): Promise<void> {
  const random = seededRandom(seed);
  for (let tick = 0; tick < (seconds * 1_000) / TICK_MS; tick += 1) {
    const ready = instances("api");
    const counts = ready.map(() => ({ succeeded: 0, "server-error": 0 }));
    for (let request = 0; request < (perSecond * TICK_MS) / 1_000; request += 1) {
      const place = Math.floor(random() * ready.length);
      const isBad = (ready[place]?.revision ?? 1) === 2 && random() < share;
      if (ready.length > 0) counts[place]![isBad ? "server-error" : "succeeded"] += 1;
    }
    const now = stage.rig.clock.now();
    for (const [place, outcomes] of counts.entries()) {
      const { succeeded, "server-error": failed } = outcomes;
      if (succeeded + failed === 0) continue;
      const bad = failed === 0 ? {} : { firstBadAt: now, lastBadAt: now, lastFailure: "status 500" };
      const outcome = succeeded === 0 ? "server-error" : "succeeded";
      tell(ready[place]!, { ...bad, outcome, outcomes });
    }
    await stage.rig.advance(TICK_MS);
  }
}

describe("a revision that fails half of its requests", () => {
  it("is one incident that names it, and is rolled back within seconds", async () => {
    await stage.start([checkedService("api", { replicas: 2 })]);
    await play(60, 10, 0);
    const good = checkedService("api", { replicas: 2 });
    await stage.rig.apply(makeSpec([{ ...good, environment: { BAD: "1" } }]));
    const appliedAt = stage.rig.clock.now();
    await play(20, 10, 0.5);
    expect(stage.all().map(({ class: kind, subject }) => [kind, subject])).toEqual([
      ["bad-release", { service: "api" }],
    ]);
    const [incident] = stage.all();
    expect(incident?.summary).toBe("the new revision of api does worse than the one before it");
    expect(incident?.evidence[0]?.text).toMatch(/^\d+ of \d+ requests failed at the new revision/);
    expect(rungsOf(incident)).toEqual(["roll-back"]);
    expect(stage.rig.store.revisions.latest()).toMatchObject({ number: 3, author: "healing" });
    expect(incident!.actedAt! - appliedAt).toBeLessThan(8_000);
    expect(stage.restartsOf("api")).toBe(0);
    await play(30, 10, 0.5);
    expect(stage.all()).toMatchObject([{ class: "bad-release", state: "recovered" }]);
  }, 30_000);

  it("is advised to be rolled back where the manifest does not allow it", async () => {
    const good = checkedService("api", { replicas: 2, healing: { act: ["eject"] } });
    await stage.start([good]);
    await play(60, 10, 0);
    await stage.rig.apply(makeSpec([{ ...good, environment: { BAD: "1" } }]));
    await play(20, 10, 0.5);
    expect(stage.open()).toMatchObject([{ class: "bad-release" }]);
    expect(rungsOf(stage.open()[0])).toEqual(["(roll-back)"]);
  }, 30_000);
});

it("a revision that works is no incident, and takes the old one's place", async () => {
  const good = checkedService("api", { replicas: 2 });
  await stage.start([good]);
  await play(60, 10, 0);
  await stage.rig.apply(makeSpec([{ ...good, environment: { GOOD: "1" } }]));
  await play(60, 10, 0);
  expect(stage.all()).toEqual([]);
  expect(instances("api").map(({ revision }) => revision)).toEqual([2, 2]);
}, 30_000);
