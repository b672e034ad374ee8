import { NO_LIMITS } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { makeSpec } from "../testing/make-spec.ts";
import { liveKeys, type LiveKeys } from "./live-keys.ts";
import type { StoredKey } from "./stored-key.ts";

const spec = makeSpec([], { tenants: { acme: NO_LIMITS } });
const key: StoredKey = {
  id: "key_1",
  name: "",
  hmac: "aa",
  prefix: "fb-aaaa",
  models: ["*"],
  tenant: "acme",
  createdAt: 0,
  createdBy: "ann",
  expiresAt: 1_000,
  earlierValues: [{ hmac: "bb", prefix: "fb-bbbb", until: 500 }],
};
const keys = [key];
const first = liveKeys({ keys, spec, now: 100 });
const at = (now: number, others: object = {}): LiveKeys => liveKeys({ keys, spec, now, ...others }, first);

describe("the live keys of the last pass", () => {
  it("stand while nothing of them changes, whatever else of the spec does", () => {
    expect(at(499)).toBe(first);
    expect(at(499, { spec: { ...spec, services: {} } })).toBe(first);
  });

  it("are made anew when a value or a key ends, and when the clock was set back", () => {
    expect(first.snapshots[0]?.earlierValues).toEqual([{ hmac: "bb", expiresAt: 500 }]);
    expect(at(500).snapshots[0]).not.toHaveProperty("earlierValues");
    expect(at(1_000).snapshots).toEqual([]);
    expect(at(99)).not.toBe(first);
    expect(new Set([first, at(500), at(1_000)].map(({ hash }) => hash)).size).toBe(3);
  });

  it("are made anew for another list, other tenants and other models", () => {
    expect(at(200, { keys: [] }).snapshots).toEqual([]);
    expect(at(200, { spec: { ...spec, tenants: {} } }).snapshots).toEqual([]);
    expect(at(200, { spec: { ...spec, models: {} } })).not.toBe(first);
    expect(at(200, { keys: [...keys] }).hash).toBe(first.hash);
  });
});
