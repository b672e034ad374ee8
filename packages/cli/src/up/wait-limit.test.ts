import { expect, test } from "vitest";
import { makeService, makeSpec } from "../testing/make-status.ts";
import { waitLimitOf } from "./wait-limit.ts";

const slow = (name: string): ReturnType<typeof makeService> =>
  makeService(name, {
    healthcheck: { tcp: {}, intervalMs: 1_000, timeoutMs: 1_000, retries: 3, startPeriodMs: 20 * 60_000 },
  });

test("the limit is what a person says, else ten minutes, or twice the start periods one after the other", () => {
  expect(waitLimitOf(makeSpec([slow("a")]), 5_000)).toEqual({ limitMs: 5_000, waitsForJobs: false });
  expect(waitLimitOf(makeSpec([makeService("a")]), undefined)).toEqual({ limitMs: 600_000, waitsForJobs: true });
  expect(waitLimitOf(makeSpec([slow("a"), slow("b")]), undefined).limitMs).toBe(80 * 60_000);
});
