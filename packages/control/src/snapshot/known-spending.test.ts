import { readFileSync } from "node:fs";
import type { KnownSpending, Snapshot } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import { expect, it } from "vitest";
import { createControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import { knownSpending, withSpending } from "./known-spending.ts";

const DAY_MS = 86_400_000;

function ledgerOf(spending: readonly KnownSpending[]) {
  return { usage: () => [], find: () => [], spending: () => spending };
}

it("knows what may still count: sums above nothing, of periods that may still run", () => {
  const clock = createFakeClock();
  const at = (days: number, spent: number): KnownSpending => ({
    limitId: `key:${days} usd/month`,
    spent,
    periodStart: clock.now() - days * DAY_MS,
  });
  const ledger = ledgerOf([at(0, 5), at(31, 7), at(33, 9), at(1, 0)]);
  expect(knownSpending({ ledger, clock }).map(({ spent }) => spent)).toEqual([5, 7]);
  expect(knownSpending({ clock } as Parameters<typeof knownSpending>[0])).toEqual([]);
});

it("takes the place of what stood in a snapshot, and leaves nothing where nothing is spent", () => {
  const snapshot = { version: 1, spent: [{ limitId: "a", spent: 1, periodStart: 1 }] } as unknown as Snapshot;
  expect(withSpending(snapshot, [])).toEqual({ version: 1 });
});

it("goes out with each snapshot and into its file, and makes no snapshot another one", async () => {
  const rig = await createControlRig();
  let spent = 5;
  const sum = (): KnownSpending => ({ limitId: "tenant:acme usd/day", spent, periodStart: rig.clock.now() - 1 });
  Object.assign(rig.control.context, { ledger: { usage: () => [], find: () => [], spending: () => [sum()] } });
  await rig.apply(makeSpec([makeService("api")]));
  const before = rig.published.length;
  expect(rig.published.at(-1)?.spent?.[0]?.spent).toBe(5);
  expect(JSON.parse(readFileSync(rig.snapshotFile, "utf8"))).toMatchObject({ spent: [{ spent: 5 }] });
  spent = 6;
  await rig.advance(5_000);
  expect(rig.published.length).toBe(before);
  await rig.dispose();
});
