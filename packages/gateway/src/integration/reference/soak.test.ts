// Defect 9 of the reference: memory, sockets and counts that grow with errors and disconnects. The same round runs for twenty minutes in
// bench/gateway-soak.ts; here it is short, so memory is held to a bound and not to a slope.
import { expect, it, describe, vi } from "vitest";
import { runSoak } from "../../testdata/soak.ts";

vi.setConfig({ testTimeout: 60_000 });

describe("3.9 calls with every fault, and clients that leave", () => {
  it("leave nothing behind: descriptors, places, waiting calls and memory come back", async () => {
    const { before, rows, after, calls } = await runSoak({ milliseconds: 8_000, everyMs: 2_000, clients: 16 });
    expect(calls).toBeGreaterThan(200);
    expect(rows.some(({ inFlight }) => inFlight > 0)).toBe(true);
    expect([after.inFlight, after.waiting]).toEqual([0, 0]);
    // The journals were opened meanwhile, one a worker.
    expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(4);
    expect(after.rssMiB - before.rssMiB).toBeLessThan(120);
  });
});
