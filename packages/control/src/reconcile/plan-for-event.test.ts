import type { Plan, SpecChange } from "@flyball/core";
import { expect, it } from "vitest";
import { planForEvent } from "./plan-for-event.ts";

const planOf = (change: Omit<SpecChange, "path">): Plan => ({
  fromRevision: 1,
  toRevision: 2,
  steps: [{ service: "api", action: "replace", reason: "x", changes: [{ path: "configs.a", ...change }] }],
  droppedOverrides: [],
});

it("the plan of an event is the plan, with long values cut whatever they are", () => {
  const short = planOf({ before: 1, after: undefined });
  expect(planForEvent(short)).toEqual(short);
  const [step] = planForEvent(planOf({ before: "a".repeat(300), after: { b: "c".repeat(300) } })).steps;
  expect(step?.changes[0]).toEqual({
    path: "configs.a",
    before: `${"a".repeat(199)}…`,
    after: `{"b":"${"c".repeat(193)}…`,
  });
});
