import { createFakeClock } from "@flyball/fakes";
import { expect, test } from "vitest";
import { candidatePorts, createPortAllocator, type PortAllocator } from "./port-allocator.ts";
import type { PortProbe } from "./port-probe.ts";

const RANGE = { from: 20_000, to: 20_009 };

function allocatorWith(probe: Partial<PortProbe> = {}): {
  allocator: PortAllocator;
  clock: ReturnType<typeof createFakeClock>;
} {
  const clock = createFakeClock();
  const free: PortProbe = {
    listening: async () => new Set(),
    ephemeral: async () => undefined,
    listenProblem: async () => undefined,
  };
  return { clock, allocator: createPortAllocator({ range: RANGE, clock, probe: { ...free, ...probe } }) };
}

function choose(allocator: PortAllocator, key = "k", excluded: readonly number[] = []): Promise<number> {
  return allocator.choose({ service: "api", host: "127.0.0.1", key, excluded: new Set(excluded) });
}

test("a port is not given again for 60 s", async () => {
  const { allocator, clock } = allocatorWith();
  const first = await choose(allocator);
  const others = [];
  for (let count = 0; count < 9; count++) others.push(await choose(allocator));
  expect(new Set([first, ...others]).size).toBe(10);
  await expect(choose(allocator)).rejects.toMatchObject({ code: "FB_DRIVER_NO_PORT" });
  await clock.advance(60_000);
  expect(await choose(allocator)).toBe(first);
});

test("choices at once get different ports", async () => {
  const { allocator } = allocatorWith();
  const ports = await Promise.all(Array.from({ length: 10 }, () => choose(allocator)));
  expect(new Set(ports).size).toBe(10);
});

test("listened, excluded and busy ports are passed over", async () => {
  const free = 20_007;
  const busy = new Set([20_004, 20_005]);
  const { allocator } = allocatorWith({
    listening: async () => new Set([20_000, 20_001, 20_002]),
    listenProblem: async (_host, port) => (busy.has(port) ? "EADDRINUSE" : undefined),
  });
  expect(await choose(allocator, "k", [20_003, 20_006, 20_008, 20_009])).toBe(free);
});

test("a host that this machine does not have is said at once", async () => {
  const { allocator } = allocatorWith({ listenProblem: async () => "EADDRNOTAVAIL" });
  await expect(choose(allocator)).rejects.toMatchObject({
    code: "FB_DRIVER_START_FAILED",
    message: expect.stringContaining("EADDRNOTAVAIL"),
  });
});

test("one key begins at one place, keys are spread", async () => {
  const first = await Promise.all(["a", "b", "c", "d", "e", "f"].map((key) => choose(allocatorWith().allocator, key)));
  const again = await Promise.all(["a", "b", "c", "d", "e", "f"].map((key) => choose(allocatorWith().allocator, key)));
  expect(again).toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(2);
});

test("the kernel's own range is left out, unless nothing would remain", () => {
  expect(candidatePorts(RANGE, { from: 20_003, to: 60_000 })).toEqual([20_000, 20_001, 20_002]);
  expect(candidatePorts(RANGE, { from: 32_768, to: 60_999 })).toHaveLength(10);
  expect(candidatePorts(RANGE, { from: 1_024, to: 65_535 })).toHaveLength(10);
});
