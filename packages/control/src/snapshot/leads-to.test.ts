import { expect, it } from "vitest";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import { leadsToOf } from "./leads-to.ts";

const after = (service: string, condition: "ready" | "completed" = "ready") => ({
  service,
  condition,
  isRequired: true,
  restartsWithDependency: false,
});
const chat = {
  name: "chat",
  timeouts: { connectMs: 1, firstByteMs: 1, gapMs: 1, totalMs: 0 },
  backends: [
    { kind: "service", service: "engine", model: "m" },
    { kind: "provider", provider: "openai", baseUrl: "https://api.example/v1", model: "m" },
  ],
} as const;

it("a service leads to what it depends on and to the models that it may call, and on from there", () => {
  const spec = makeSpec(
    [
      makeService("web", { dependsOn: [after("api"), after("migrate", "completed")] }),
      makeService("api", { dependsOn: [after("store")], models: [{ model: "chat", environmentPrefix: "OPENAI" }] }),
      makeService("store"),
      makeService("engine"),
      makeService("migrate"),
    ],
    { models: { chat } },
  );
  expect(Object.fromEntries(leadsToOf(spec))).toEqual({
    web: { pools: ["api", "engine", "store"], models: ["chat"] },
    api: { pools: ["engine", "store"], models: ["chat"] },
  });
});

it("two services that call each other do not lead to themselves", () => {
  const spec = makeSpec([makeService("a", { dependsOn: [after("b")] }), makeService("b", { dependsOn: [after("a")] })]);
  expect(Object.fromEntries(leadsToOf(spec))).toEqual({
    a: { pools: ["b"], models: [] },
    b: { pools: ["a"], models: [] },
  });
});
