import { expect, it } from "vitest";
import { createWornCopy } from "./worn-copy.ts";

const UNHEALTHY = { kind: "unhealthy", reason: { code: "no-gateway" } } as const;

it("a copy that is not well from its start tells of the app, one that had a fault before does not", () => {
  const fresh = createWornCopy();
  expect(fresh.isWornAt({ outcome: { kind: "measured" }, injectedAt: 5 })).toBe(false);
  expect(fresh.isWornAt({ outcome: UNHEALTHY, fault: "crash" })).toBe(false);
  const used = createWornCopy();
  expect(used.isWornAt({ outcome: { kind: "measured" }, fault: "quota-spent", injectedAt: 5 })).toBe(false);
  expect(used.isWornAt({ outcome: UNHEALTHY, fault: "crash" })).toBe(true);
});
