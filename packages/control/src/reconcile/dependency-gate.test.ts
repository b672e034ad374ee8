import type { DependencySpec } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { englishOf, verbatim } from "../texts/compose-text.ts";
import { dependencyGate, type DependencyFacts } from "./dependency-gate.ts";

const need = (overrides: Partial<DependencySpec> = {}): DependencySpec => ({
  service: "database",
  condition: "ready",
  isRequired: true,
  restartsWithDependency: false,
  ...overrides,
});
const facts = (overrides: Partial<DependencyFacts> = {}): DependencyFacts => ({
  state: "starting",
  isStarted: true,
  isReady: false,
  isCompleted: false,
  ...overrides,
});

describe("dependency gate", () => {
  it("waits for a dependency that is still starting and names its state", () => {
    const gate = dependencyGate([need()], () => facts());
    expect(gate).toMatchObject({ kind: "waiting", reason: { key: "gate.waits" } });
    expect(gate.kind === "waiting" && englishOf(gate.reason)).toBe("waits for database to be ready (it is starting)");
  });

  it("fails at once when the dependency ended, with its reason", () => {
    const failure = verbatim("database exited with code 1");
    const gate = dependencyGate([need()], () => facts({ state: "unhealthy", failure }));
    expect(gate).toEqual({ kind: "failed", reason: failure });
  });

  it("is not held back by a failed dependency that is not required", () => {
    expect(dependencyGate([need({ isRequired: false })], () => facts({ failure: verbatim("gone") }))).toEqual({
      kind: "open",
    });
    expect(dependencyGate([need({ isRequired: false })], () => facts()).kind).toBe("waiting");
  });

  it("knows the three conditions apart", () => {
    expect(dependencyGate([need({ condition: "started" })], () => facts()).kind).toBe("open");
    expect(dependencyGate([need({ condition: "completed" })], () => facts({ isReady: true })).kind).toBe("waiting");
    expect(dependencyGate([need({ condition: "completed" })], () => facts({ isCompleted: true })).kind).toBe("open");
  });
});
