import { NO_LIMIT } from "@flyball/traffic";
import type { LinkFromControl, LinkFromGateway } from "@flyball/core";
import { createFakeClock, type FakeClock } from "@flyball/fakes";
import { beforeEach, describe, expect, it } from "vitest";
import { createEndpointShares, KNOWN_AFTER_MS, type EndpointShares } from "./endpoint-shares.ts";
import { createShareDesk, type ShareDesk } from "./share-desk.ts";

type Use = Extract<LinkFromGateway, { type: "endpoint-use" }>;
type Leases = Extract<LinkFromControl, { type: "leases" }>;

const TTL_MS = 4_000;
let clock: FakeClock;
let shares: EndpointShares;
let desk: ShareDesk;
let said: Use[];
let isLinked: boolean;
let active: number;
let queued: number;

const part = (): number => shares.part("llm/0", "slots", 10);
const leases = (slots: number, gateways = 2): Leases => ({
  type: "leases",
  gateways,
  ttlMs: TTL_MS,
  endpoints: [{ endpoint: "llm/0", slots, othersActive: 2 }],
});
const lastSlots = (): unknown => said.at(-1)?.endpoints[0]?.slots;

beforeEach(() => {
  clock = createFakeClock();
  shares = createEndpointShares(clock.monotonic);
  said = [];
  isLinked = true;
  active = queued = 0;
  desk = createShareDesk({
    clock,
    shares,
    limits: {
      wholes: () => [{ endpoint: "llm/0", pool: "llm", column: 0, slots: 10, memoryTokens: NO_LIMIT }],
      refresh: () => undefined,
    },
    book: { active: () => active, kvTokens: () => 0 },
    waiting: () => queued,
    send(message) {
      if (isLinked) said.push(message as Use);
      return isLinked;
    },
  });
  clock.every(100, () => desk.look());
});

describe("a gateway that starts", () => {
  it("has nothing before it is known whether there are others, and the whole when control is away, silent, or of a version before leases", async () => {
    expect(part()).toBe(0);
    desk.onAway();
    expect(part()).toBe(10);
    shares = createEndpointShares(clock.monotonic);
    shares.meet(undefined, () => new Map());
    expect(part()).toBe(10);
    shares = createEndpointShares(clock.monotonic);
    await clock.advance(KNOWN_AFTER_MS);
    expect(part()).toBe(10);
  });

  it("has nothing of what it shares until it is told its part, and says so at once", () => {
    desk.onWelcome(2);
    expect(part()).toBe(0);
    expect(lastSlots()).toEqual({ whole: 10, held: 0, wanted: 0 });
    desk.onMessage(leases(4));
    expect([part(), shares.gateways, shares.othersActive("llm/0")]).toEqual([4, 2, 2]);
  });
});

describe("a gateway that is alone", () => {
  it("keeps the whole while control is away, and says nothing", async () => {
    desk.onWelcome(1);
    desk.onAway();
    await clock.advance(60_000);
    expect([part(), shares.gateways, said]).toEqual([10, 1, []]);
  });

  it("goes on with what is in use when another one comes, and has the whole again when that is gone", () => {
    desk.onWelcome(1);
    active = 7;
    desk.onMessage({ type: "use-wanted", gateways: 2 });
    expect(lastSlots()).toEqual({ whole: 10, held: 7, wanted: 7 });
    desk.onMessage(leases(5));
    expect(part()).toBe(5);
    expect(lastSlots()).toEqual({ whole: 10, held: 7, wanted: 7 });
    desk.onMessage({ ...leases(0, 1), endpoints: [] });
    expect(part()).toBe(10);
  });
});

describe("a gateway that shares", () => {
  beforeEach(() => {
    desk.onWelcome(2);
    desk.onMessage(leases(6));
    said.length = 0;
  });

  it("renews its lease every second, and says sooner what has changed", async () => {
    await clock.advance(500);
    expect(said).toEqual([]);
    await clock.advance(500);
    expect(said).toHaveLength(1);
    desk.onMessage(leases(6));
    active = 6;
    queued = 3;
    await clock.advance(100);
    expect(lastSlots()).toEqual({ whole: 10, held: 6, wanted: 9 });
  });

  it("has one report under way, and says at once what it gives back", async () => {
    active = 2;
    await clock.advance(3_000);
    expect(said).toHaveLength(1);
    desk.onMessage(leases(3));
    expect(said).toHaveLength(2);
    expect(lastSlots()).toEqual({ whole: 10, held: 3, wanted: 2 });
    desk.onMessage(leases(3));
    desk.onMessage(leases(9));
    expect([part(), said.length]).toEqual([3, 2]);
  });

  it("keeps no more than its equal part when the lease ends, and takes that later, until it is heard again", async () => {
    isLinked = false;
    desk.onAway();
    await clock.advance(TTL_MS);
    expect([part(), shares.ended]).toEqual([6, 0]);
    await clock.advance(100);
    expect([part(), shares.ended]).toEqual([5, 1]);
    isLinked = true;
    desk.onWelcome(2);
    expect(lastSlots()).toEqual({ whole: 10, held: 5, wanted: 0 });
    desk.onMessage(leases(1));
    isLinked = false;
    await clock.advance(TTL_MS + 100);
    expect(part()).toBe(1);
    await clock.advance(TTL_MS);
    expect([part(), shares.ended]).toEqual([5, 2]);
  });

  it("wants nothing more when it ends", () => {
    desk.leave();
    expect(said.at(-1)?.isLeaving).toBe(true);
  });
});
