import { describe, expect, it } from "vitest";
import { shareInForce } from "./share-in-force.ts";

const standing = { whole: 10, gateways: 2, ttlMs: 4_000, endedMs: 0 };

describe("a gateway's part of what is shared", () => {
  it("is what was lent while the lease lasts, and never more than the whole", () => {
    expect(shareInForce({ ...standing, lease: 8 })).toBe(8);
    expect(shareInForce({ ...standing, lease: 8, whole: 6 })).toBe(6);
    expect(shareInForce({ ...standing, lease: 0 })).toBe(0);
  });

  it("is no more than its equal part when the lease has ended, and that part when others have had the time to do so too", () => {
    expect([8, 2, 0].map((lease) => shareInForce({ ...standing, lease, endedMs: 1 }))).toEqual([5, 2, 0]);
    expect([8, 2, 0].map((lease) => shareInForce({ ...standing, lease, endedMs: 4_000 }))).toEqual([5, 5, 5]);
  });
});
