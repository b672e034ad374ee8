import { describe, expect, it } from "vitest";
import type { AppSpec } from "./app-spec.ts";
import { diffSpecs } from "./diff-specs.ts";

const spec = (services: unknown): AppSpec => ({ name: "app", services }) as unknown as AppSpec;

describe("difference of two specs", () => {
  it("is empty for equal specs, whatever the order of their keys", () => {
    expect(diffSpecs(spec({ a: { x: 1, y: 2 } }), spec({ a: { y: 2, x: 1 } }))).toEqual([]);
  });

  it("names each leaf that differs, with both values, in the order of paths", () => {
    const changes = diffSpecs(spec({ b: { replicas: 1, command: ["a"] } }), spec({ b: { replicas: 2, command: ["a", "b"] } }));
    expect(changes).toEqual([
      { path: "services.b.command", before: ["a"], after: ["a", "b"] },
      { path: "services.b.replicas", before: 1, after: 2 },
    ]);
  });

  it("shows a service that came or went as a whole", () => {
    expect(diffSpecs(spec({}), spec({ a: { replicas: 1 } }))).toEqual([{ path: "services.a", before: undefined, after: { replicas: 1 } }]);
    expect(diffSpecs(spec({ a: null }), spec({}))).toEqual([{ path: "services.a", before: null, after: undefined }]);
  });
});
