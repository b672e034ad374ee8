import { describe, expect, it } from "vitest";
import { createRoundTrips } from "./round-trips.ts";

describe("the answers of a store", () => {
  it("are assumed to be short before the first one", () => {
    const trips = createRoundTrips();
    expect([trips.medianMs, trips.tailMs]).toEqual([5, 5]);
  });

  it("are judged by the usual one and by a slow one, not by the slowest of all", () => {
    const trips = createRoundTrips();
    for (let index = 0; index < 128; index += 1) trips.add(index === 7 ? 900 : index % 20 === 0 ? 30 : 2);
    expect([trips.medianMs, trips.tailMs]).toEqual([2, 30]);
  });

  it("are forgotten when 128 others have come", () => {
    const trips = createRoundTrips();
    for (let index = 0; index < 128; index += 1) trips.add(40);
    for (let index = 0; index < 128; index += 1) trips.add(3);
    expect(trips.tailMs).toBe(3);
  });
});
