import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideWhole } from "./divide-whole.ts";
import { localShare } from "./local-share.ts";
import { createShareBook, gatewaysToAsk, shareFromBook, type ShareBook } from "./share-book.ts";
import { shareInForce } from "./share-in-force.ts";

const TTL_MS = 5_000;
/** A gateway's lease ends earlier than control thinks, by its own clock. */
const OWN_TTL_MS = 4_000;

/** One gateway as the real one behaves; requests begin while its part allows it and end when the test says so. */
interface Gateway {
  readonly name: string;
  inUse: number;
  backlog: number;
  lease: number;
  gateways: number;
  leaseEndsAt: number;
  /** When the report under way was sent. */
  sentAt: number | undefined;
  isDead: boolean;
  /** Counts connections: what was said on an earlier one is not heard. */
  connection: number;
  /** Nothing that it says arrives, and nothing that is said to it. */
  isCut: boolean;
}

/** Control with gateways around it. What is said is heard later, in order, or never. */
function createWorld(whole: number, count: number) {
  let now = 1_000_000;
  let book: ShareBook = createShareBook();
  let heardAt = new Map<string, number>();
  let controlSince = now;
  let expected = new Set<string>();
  let names = 0;
  let line: (() => void)[] = [];
  const gateways: Gateway[] = [];
  /** The answer to the report under way never comes. */
  const connectAnew = (gateway: Gateway): void => {
    gateway.connection += 1;
    gateway.sentAt = undefined;
  };
  const joined = (name: string): boolean => heardAt.has(name);
  const endedAt = (name: string): number | undefined => {
    const end = (heardAt.get(name) ?? Number.NEGATIVE_INFINITY) + TTL_MS;
    return end <= now ? end : undefined;
  };
  const inForce = (gateway: Gateway): number =>
    shareInForce({ ...gateway, whole, endedMs: now - gateway.leaseEndsAt, ttlMs: OWN_TTL_MS });
  const isSettled = (): boolean => {
    const missing = [...expected].filter((name) => !joined(name));
    return now - controlSince >= TTL_MS || missing.length === 0;
  };
  const living = (): number => [...heardAt.keys()].filter((name) => endedAt(name) === undefined).length;
  const start = (): void => {
    names += 1;
    const name = `g${names}`;
    expected.add(name);
    const gateway: Gateway = {
      name,
      inUse: 0,
      backlog: 0,
      lease: 0,
      gateways: gateways.length + 1,
      leaseEndsAt: now + OWN_TTL_MS,
      sentAt: undefined,
      isDead: false,
      connection: 0,
      isCut: false,
    };
    gateways.push(gateway);
  };
  for (let index = 0; index < count; index += 1) start();
  const world = {
    gateways,
    inForce,
    start,
    get now() {
      return now;
    },
    /** In use, or allowed to be. */
    taken: (): number =>
      gateways.reduce((sum, each) => sum + (each.isDead ? 0 : Math.max(each.inUse, inForce(each))), 0),
    report(gateway: Gateway): void {
      if (gateway.isDead || gateway.isCut || gateway.sentAt !== undefined) return;
      const { inUse, backlog } = gateway;
      const sentAt = now;
      gateway.sentAt = sentAt;
      const held = Math.max(inUse, inForce(gateway));
      const said = { whole, held, wanted: inUse + backlog, isLeaving: false };
      const { connection } = gateway;
      const isLost = (): boolean => gateway.isCut || connection !== gateway.connection;
      line.push(() => {
        if (isLost()) return;
        heardAt.set(gateway.name, now);
        const part = shareFromBook(book, said, { gateway: gateway.name, now, endedAt, isSettled: isSettled() });
        const told = living();
        line.push(() => {
          if (gateway.isDead || isLost()) return;
          const had = inForce(gateway);
          Object.assign(gateway, { lease: part, gateways: told, leaseEndsAt: sentAt + OWN_TTL_MS, sentAt: undefined });
          if (part < had) world.report(gateway);
        });
        if (!isSettled()) return;
        for (const name of gatewaysToAsk(book)) {
          const other = gateways.find((each) => each.name === name);
          if (other) line.push(() => world.report(other));
        }
      });
    },
    begin(gateway: Gateway): void {
      if (!gateway.isDead && gateway.inUse < inForce(gateway)) gateway.inUse += 1;
    },
    end(gateway: Gateway): void {
      gateway.inUse = Math.max(0, gateway.inUse - 1);
    },
    die(gateway: Gateway): void {
      gateway.isDead = true;
      gateway.inUse = 0;
      start();
    },
    cut(gateway: Gateway, isCut: boolean): void {
      gateway.isCut = isCut;
      connectAnew(gateway);
    },
    restartControl(): void {
      book = createShareBook();
      expected = new Set(gateways.filter(({ isDead }) => !isDead).map(({ name }) => name));
      heardAt = new Map();
      controlSince = now;
      for (const each of gateways) connectAnew(each);
    },
    deliver(messages: number): void {
      for (let index = 0; index < messages && line.length > 0; index += 1) (line.shift() as () => void)();
    },
    advance(ms: number): void {
      now += ms;
    },
    /** So much time in which all live and say how it is with them. */
    settle(ms: number): void {
      for (const until = now + ms; now < until; now += 100) {
        for (const each of gateways) world.report(each);
        world.deliver(100);
      }
    },
  };
  return world;
}

type MoveKind = "begin" | "end" | "want" | "report" | "deliver" | "advance" | "die" | "restart" | "cut" | "mend";
const moveOf = (kind: MoveKind, most: number, weight: number) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constant(kind), gateway: fc.nat(5), amount: fc.nat(most) }),
});
const usual = [
  moveOf("begin", 0, 12),
  moveOf("end", 0, 5),
  moveOf("want", 12, 4),
  moveOf("report", 0, 10),
  moveOf("deliver", 6, 12),
  moveOf("advance", 300, 6),
  moveOf("die", 0, 1),
] as const;
const lossless = fc.array(fc.oneof(...usual, moveOf("restart", 0, 1)), { maxLength: 250, size: "max" });
const lossy = fc.array(fc.oneof(...usual, moveOf("cut", 0, 2), moveOf("mend", 0, 2), moveOf("advance", 3_000, 4)), {
  maxLength: 250,
  size: "max",
});
const amount = fc.integer({ min: 1, max: 12 });

function play(
  world: ReturnType<typeof createWorld>,
  {
    kind,
    gateway: index,
    amount: much,
  }: { readonly kind: MoveKind; readonly gateway: number; readonly amount: number },
): void {
  const all = world.gateways.filter(({ isDead }) => !isDead);
  const gateway = all[index % all.length] as Gateway;
  if (kind === "begin") for (let turn = 0; turn < 4; turn += 1) world.begin(gateway);
  else if (kind === "want") gateway.backlog = much;
  else if (kind === "deliver") world.deliver(much);
  else if (kind === "advance") world.advance(much);
  else if (kind === "restart") world.restartControl();
  else if (kind === "cut") world.cut(gateway, true);
  else if (kind === "mend") world.cut(gateway, false);
  else world[kind](gateway);
}

describe("a whole that gateways share", () => {
  it("is never exceeded while leases are renewed in time, whoever dies and starts, control too", () => {
    fc.assert(
      fc.property(lossless, amount, fc.integer({ min: 1, max: 4 }), (moves, whole, count) => {
        const world = createWorld(whole, count);
        for (const move of moves) {
          // Nobody's lease ends: whoever has not been answered for long is.
          if (world.gateways.some(({ isDead, leaseEndsAt }) => !isDead && leaseEndsAt - world.now < 1_000)) {
            for (const each of world.gateways) world.report(each);
            world.deliver(10_000);
            for (const each of world.gateways) world.report(each);
            world.deliver(10_000);
          }
          play(world, move);
          expect(world.taken()).toBeLessThanOrEqual(whole);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("is exceeded by none of those that are heard, and by no more than an equal part of each that is not", () => {
    fc.assert(
      fc.property(lossy, amount, fc.integer({ min: 1, max: 4 }), (moves, whole, count) => {
        const world = createWorld(whole, count);
        const wasUnheard = new Set<Gateway>();
        for (const move of moves) {
          play(world, move);
          for (const each of world.gateways) if (each.leaseEndsAt <= world.now) wasUnheard.add(each);
          const living = world.gateways.filter(({ isDead }) => !isDead);
          const heard = living.filter((each) => !wasUnheard.has(each));
          const taken = heard.reduce((sum, each) => sum + Math.max(each.inUse, world.inForce(each)), 0);
          expect(taken).toBeLessThanOrEqual(whole);
          for (const each of living.filter(({ leaseEndsAt }) => leaseEndsAt < world.now)) {
            expect(world.inForce(each)).toBeLessThanOrEqual(localShare(whole, each.gateways));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is all given out again some time after whatever has happened", () => {
    fc.assert(
      fc.property(lossy, amount, fc.integer({ min: 1, max: 4 }), (moves, whole, count) => {
        const world = createWorld(whole, count);
        for (const move of moves) play(world, move);
        for (const each of world.gateways) {
          each.inUse = 0;
          each.backlog = 0;
          if (each.isCut) world.cut(each, false);
        }
        world.settle(2 * TTL_MS);
        expect(world.taken()).toBe(whole);
      }),
      { numRuns: 200 },
    );
  });

  it("follows what is asked for, and stays as it is then", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 5, max: 20 }),
        (all, whole) => {
          const world = createWorld(whole, all.length);
          world.settle(300);
          for (const [index, backlog] of all.entries()) (world.gateways[index] as Gateway).backlog = backlog;
          // Wanted is what is in use and what waits: of `backlog` those wait that have no place.
          for (let turn = 0; turn < 60; turn += 1) {
            for (const [index, backlog] of all.entries()) {
              const each = world.gateways[index] as Gateway;
              each.inUse = Math.min(backlog, world.inForce(each));
              each.backlog = backlog - each.inUse;
              world.report(each);
            }
            world.deliver(1_000);
            world.advance(100);
          }
          const due = divideWhole(
            whole,
            all.map((demand) => ({ demand: Math.min(demand, whole), isLeaving: false, turn: 0 })),
          );
          for (const [index, part] of due.entries()) {
            expect(Math.abs(world.inForce(world.gateways[index] as Gateway) - part)).toBeLessThanOrEqual(1);
          }
          expect(world.taken()).toBe(whole);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("of one unit goes from one to the other while both want it", () => {
    const world = createWorld(1, 2);
    const had = [0, 0];
    for (let turn = 0; turn < 200; turn += 1) {
      for (const [index, each] of world.gateways.entries()) {
        each.backlog = 3;
        if (turn % 3 === 0) each.inUse = 0;
        world.begin(each);
        had[index] = (had[index] as number) + each.inUse;
        world.report(each);
      }
      world.deliver(100);
      world.advance(100);
      expect(world.taken()).toBeLessThanOrEqual(1);
    }
    expect(Math.min(...had)).toBeGreaterThan(70);
  });

  it("is whole for the one that is left, at the end of the other's lease", () => {
    const world = createWorld(8, 2);
    world.settle(500);
    expect(world.gateways.map(world.inForce)).toEqual([4, 4]);
    const [stays, goes] = world.gateways as [Gateway, Gateway];
    goes.isDead = true;
    stays.backlog = 20;
    world.settle(TTL_MS - 1_000);
    expect(world.inForce(stays)).toBe(4);
    world.settle(1_500);
    expect(world.inForce(stays)).toBe(8);
  });
});
