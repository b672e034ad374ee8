import type { BalanceAlgorithm } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { createPrefixIndex } from "../../affinity/prefix-index.ts";
import { createBalancer } from "../../balance/create-balancer.ts";
import { createCellBook } from "../book/cell-book.ts";
import { NO_LIMIT, type EndpointLimits } from "../book/endpoint-limits.ts";
import { createReservation, type Reservation } from "../book/reservation.ts";
import type { ScheduledRequest } from "../scheduled-request.ts";
import { createPlacer, placeAtOnce, placeWithin } from "./placer.ts";

const LIMITS: EndpointLimits = {
  activeCap: 4,
  prefillTokenCap: NO_LIMIT,
  kvTokenCap: NO_LIMIT,
  weight: 1,
  rates: { prefillMs: 0.1, decodeMs: 0.3, contextMs: 0 },
  isServing: true,
};

const REQUEST: ScheduledRequest = {
  id: 1,
  tenant: "",
  classIndex: 0,
  arrivedAt: 0,
  deadlineAt: Number.POSITIVE_INFINITY,
  inputTokens: 100,
  outputTokens: 50,
  outputTokensHigh: 50,
  workMs: 25,
  blocks: [],
};

/** A pool of endpoints with these limits, and a place taken at once. */
function poolOf(limits: readonly Partial<EndpointLimits>[], balancer: BalanceAlgorithm = "least-load") {
  const book = createCellBook({ endpoints: limits.length, rows: 1 });
  for (const [endpoint, part] of limits.entries()) book.setLimits(endpoint, { ...LIMITS, ...part });
  const random = seededRandom(5);
  const placer = createPlacer({ book, random, balancer: createBalancer(balancer, random) });
  const reservation = (): Reservation => createReservation();
  return { book, placer, place: (held = reservation()) => placeAtOnce(placer, REQUEST, held) };
}

describe("a place taken at once", () => {
  it("is where the own load is least, and none is taken where nobody has room", () => {
    const { book, place } = poolOf([{ activeCap: 1 }, { activeCap: 3 }, { activeCap: 2 }]);
    expect(place()).toBe(1);
    const rest = Array.from({ length: 5 }, () => place());
    expect(rest.toSorted()).toEqual([0, 1, 1, 2, 2]);
    expect(place()).toBe(-1);
    expect([0, 1, 2].map((endpoint) => book.active(endpoint))).toEqual([1, 3, 2]);
  });

  it("leaves a slow endpoint with fewer requests, and one that reads a prompt alone", () => {
    const slow = { activeCap: 64, rates: { prefillMs: 0.2, decodeMs: 0.9, contextMs: 0 } };
    const { book, place } = poolOf([{ activeCap: 64 }, slow]);
    for (let turn = 0; turn < 40; turn += 1) {
      const held = createReservation();
      place(held);
      book.firstToken(held);
    }
    expect(book.active(0) / book.active(1)).toBeGreaterThan(2.5);
    const other = poolOf([{ activeCap: 64 }, { activeCap: 64 }]);
    const first = other.place();
    expect(other.place()).toBe(1 - first);
  });

  it("takes endpoints for equal whose tokens cost the same at the context that is usual, however the cost is split", () => {
    const plain = { activeCap: 64, kvTokenCap: 100_000, rates: { prefillMs: 0.001, decodeMs: 0.6, contextMs: 0 } };
    // A hundred tokens of context and the first that come: 0.2 + 0.003 · 132 = 0.6.
    const split = { ...plain, rates: { prefillMs: 0.001, decodeMs: 0.2, contextMs: 0.003 } };
    const { book, place } = poolOf([plain, split]);
    for (let turn = 0; turn < 20; turn += 1) place();
    // Limits are learned anew, as they are all the time.
    book.setLimits(1, { ...LIMITS, ...split, rates: { ...split.rates, decodeMs: 0.201 } });
    for (let turn = 0; turn < 60; turn += 1) place();
    expect(Math.abs(book.active(0) - book.active(1))).toBeLessThanOrEqual(12);
  });

  it.each(["least-load", "two-choices", "least-request", "random", "round-robin", "consistent-hash"] as const)(
    "is found by %s among a hundred endpoints of which one has room",
    (balancer) => {
      const limits = Array.from({ length: 100 }, (_, endpoint) => ({ isServing: endpoint === 77 }));
      const { place } = poolOf(limits, balancer);
      expect([place(), place(), place(), place(), place()]).toEqual([77, 77, 77, 77, -1]);
    },
  );

  it("is in a large pool on one of the less loaded endpoints, although not all are looked at", () => {
    const { book, place } = poolOf(Array.from({ length: 100 }, () => ({ activeCap: 50 })));
    for (let turn = 0; turn < 1_000; turn += 1) place();
    const active = Array.from({ length: 100 }, (_, endpoint) => book.active(endpoint));
    expect(Math.max(...active)).toBeLessThanOrEqual(12);
    expect(Math.min(...active)).toBeGreaterThanOrEqual(7);
  });

  it("is in a large pool where the prompt is known, and elsewhere when there is no room", () => {
    const book = createCellBook({ endpoints: 100, rows: 1 });
    for (let endpoint = 0; endpoint < 100; endpoint += 1) book.setLimits(endpoint, LIMITS);
    const random = seededRandom(5);
    const prefixes = createPrefixIndex({ endpoints: 100, blockTokens: 16 });
    const placer = createPlacer({ book, random, prefixes, balancer: createBalancer("least-load", random) });
    const blocks = [1, 2, 3, 4, 5];
    for (const endpoint of [17, 63]) prefixes.add(endpoint, blocks);
    const place = (): number => placeAtOnce(placer, { ...REQUEST, blocks }, createReservation());
    const known = Array.from({ length: 4 }, place);
    expect(new Set(known)).toEqual(new Set([17, 63]));
    for (const endpoint of [17, 63]) book.setLimits(endpoint, { ...LIMITS, isServing: false });
    for (let turn = 0; turn < 20; turn += 1) expect([17, 63, -1]).not.toContain(place());
  });

  it("is none of those that are shut for it", () => {
    const { placer } = poolOf([{ activeCap: 9 }, { activeCap: 2 }, { activeCap: 9 }]);
    const shut = Uint8Array.of(1, 0, 1);
    const places = [1, 2, 3].map(() => placeWithin(placer, REQUEST, createReservation(), shut));
    expect(places).toEqual([1, 1, -1]);
  });
});
