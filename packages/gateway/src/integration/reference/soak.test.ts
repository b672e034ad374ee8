// Defect 9 of the reference: memory, sockets and counts that grow with errors and disconnects. The same round runs for twenty minutes in
// bench/gateway-soak.ts; here it is short, so memory is held to a bound and not to a slope. Timers, sockets and what stands in maps are
// counted by the engine itself, over all threads: what each of some thousand calls left behind would show whoever kept it.
import { expect, it, describe, vi } from "vitest";
import { runSoak } from "../../testdata/soak.ts";

vi.setConfig({ testTimeout: 120_000 });

/** What is made once and kept: series of metrics, learned numbers, an open journal a worker. Far below one for each call. */
const ONCE = { timers: 12, sockets: 4, maps: 60, entries: 400, heapMiB: 16 } as const;

describe("3.9 calls with every fault, and clients that leave", () => {
  it("leave nothing behind: timers, sockets, maps, descriptors, places, reservations and memory come back", async () => {
    const { before, rows, after, calls } = await runSoak({ milliseconds: 8_000, everyMs: 8_000, clients: 16 });
    expect(calls).toBeGreaterThan(600);
    const [loaded] = rows;
    expect(loaded?.timers).toBeGreaterThan(before.timers);
    expect(loaded?.sockets).toBeGreaterThan(before.sockets);
    expect(after.keptAnswers).toBeGreaterThan(0);
    expect([after.inFlight, after.waiting, after.reserved]).toEqual([0, 0, 0]);
    const left = (Object.keys(ONCE) as (keyof typeof ONCE)[]).filter((name) => after[name] - before[name] > ONCE[name]);
    expect(left, JSON.stringify({ before, after })).toEqual([]);
    // The journals were opened meanwhile, one a worker.
    expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(4);
    expect(after.rssMiB - before.rssMiB).toBeLessThan(120);
  });
});
