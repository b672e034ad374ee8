import { expect, it } from "vitest";
import { findProviderTraits } from "../dialects/find-provider-traits.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { enginePriority } from "./engine-priority.ts";
import type { ModelCall } from "./model-call.ts";

function priorityAt(order: ServingBackend["priorityOrder"], priority: number, face: Partial<ModelCall["face"]> = {}) {
  const exchange = {
    key: undefined,
    serving: { priorities: new Map() },
    route: { priority },
    request: { headers: {} },
  };
  const call = { exchange, face: { output: "text", isForm: false, ...face } } as unknown as ModelCall;
  return enginePriority(call, { priorityOrder: order } as ServingBackend);
}

it("is in each engine's own sense, with normal as what calls without it have", () => {
  const classes = [0, 1, 2];
  expect(classes.map((each) => priorityAt(findProviderTraits("vllm").priorityOrder, each))).toEqual(["1", "0", "-1"]);
  expect(classes.map((each) => priorityAt(findProviderTraits("sglang").priorityOrder, each))).toEqual(["-1", "0", "1"]);
});

it("is left alone where nobody asked for it, and where no text is written", () => {
  expect(priorityAt(undefined, 2)).toBeUndefined();
  expect(priorityAt("lower-first", 2, { output: "none" })).toBeUndefined();
  expect(priorityAt("lower-first", 2, { output: "transcript", isForm: true })).toBeUndefined();
});
