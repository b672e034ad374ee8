import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CounterLease } from "./counter-lease.ts";
import { createLeaseBook, FOLD_AFTER_MS, leaseFromBook, type LeaseBook } from "./lease-book.ts";
import { planLease } from "./plan-lease.ts";

const WINDOW_MS = 60_000;
const STEP_MS = WINDOW_MS / 60;
const TTL_MS = 10_000;
const USE_MS = 5_000;

interface Use {
  readonly at: number;
  readonly gateway: number;
  amount: number;
}

/** One gateway as the real one behaves: it uses what it was lent, reports later, and may die or be cut off at any moment. */
interface Gateway {
  name: string;
  atHand: number;
  /** Used and not told. */
  unreported: number;
  givenBack: Use[];
  /** Real time of its last beat; its own clock runs at `pace`. */
  beatAt: number;
  readonly pace: number;
}

/** A store with gateways around it, in real time; the store's clock is off by a constant. */
function createWorld(limit: number, paces: readonly number[], offsetMs = 0) {
  const book = createLeaseBook();
  const beats = new Map<string, number>();
  const uses: Use[] = [];
  let now = 1_700_000_000_000;
  let names = 0;
  const gateways = paces.map((pace): Gateway => {
    return {
      name: `g${(names += 1)}`,
      atHand: 0,
      unreported: 0,
      givenBack: [],
      beatAt: Number.NEGATIVE_INFINITY,
      pace,
    };
  });
  const endedAt = (name: string): number | undefined => {
    const end = (beats.get(name) ?? Number.NEGATIVE_INFINITY) + TTL_MS;
    return end <= now + offsetMs ? end : undefined;
  };
  const inWindow = (): number =>
    uses.filter(({ at }) => at > now - WINDOW_MS).reduce((sum, { amount }) => sum + amount, 0);
  return {
    gateways,
    uses,
    inWindow,
    advance: (ms: number): void => void (now += ms),
    get now() {
      return now;
    },
    /** Uses what is at hand; the lease must still be good by the gateway's own clock. */
    use(index: number, amount: number): boolean {
      const gateway = gateways[index] as Gateway;
      if ((now - gateway.beatAt) * gateway.pace >= USE_MS || gateway.atHand < amount) return false;
      gateway.atHand -= amount;
      gateway.unreported += amount;
      uses.push({ at: now, gateway: index, amount });
      return true;
    },
    report(index: number, wanted: number, isAnswerLost = false): number {
      const gateway = gateways[index] as Gateway;
      beats.set(gateway.name, now + offsetMs);
      const back = gateway.givenBack.filter(({ at }) => at > now - WINDOW_MS + USE_MS);
      const lease: CounterLease = {
        kind: "rate",
        limit,
        stepMs: STEP_MS,
        used: gateway.unreported === 0 ? [] : [{ ageMs: 0, amount: gateway.unreported }],
        givenBack: back.reduce((sum, { amount }) => sum + amount, 0),
        held: gateway.atHand,
        wanted,
      };
      const { granted } = leaseFromBook(book, lease, { gateway: gateway.name, now: now + offsetMs, endedAt });
      gateway.givenBack = [];
      for (const use of back) use.amount = 0;
      // Cut off before the answer: it tells its use once more when it is back, and what it was lent is not known to it.
      if (isAnswerLost) {
        gateway.atHand = 0;
        return 0;
      }
      gateway.unreported = 0;
      gateway.atHand += granted;
      gateway.beatAt = now;
      return granted;
    },
    giveBack(index: number): void {
      const gateway = gateways[index] as Gateway;
      if (gateway.unreported > 0) return;
      const use = uses.findLast(
        (each) => each.gateway === index && each.amount > 0 && !gateway.givenBack.includes(each),
      );
      if (use) gateway.givenBack.push(use);
    },
    crash(index: number): void {
      const gateway = gateways[index] as Gateway;
      Object.assign(gateway, { name: `g${(names += 1)}`, atHand: 0, unreported: 0, givenBack: [], beatAt: -Infinity });
    },
  };
}

type MoveKind = "work" | "use" | "report" | "advance" | "crash" | "cut-off" | "give-back";

const moveOf = (kind: MoveKind, most: number, weight: number) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constant(kind), gateway: fc.nat(2), amount: fc.nat(most) }),
});

/** `work` is what fills a window: a report that asks for much, all of it used at once or nearly. */
const move = fc.oneof(
  moveOf("work", 40, 8),
  moveOf("use", 5, 4),
  moveOf("report", 40, 4),
  moveOf("advance", 4_000, 8),
  moveOf("advance", 30_000, 2),
  moveOf("crash", 0, 1),
  moveOf("cut-off", 40, 1),
  moveOf("give-back", 0, 2),
);

describe("a rate lent to several gateways", () => {
  it("is never exceeded in any window, whoever dies, is cut off or has a wrong clock", () => {
    const paces = fc.array(fc.double({ min: 0.55, max: 1.9, noNaN: true }), { minLength: 3, maxLength: 3 });
    const offset = fc.integer({ min: -86_400_000, max: 86_400_000 });
    fc.assert(
      fc.property(
        fc.array(move, { maxLength: 300 }),
        paces,
        offset,
        fc.integer({ min: 5, max: 60 }),
        (moves, pace, offsetMs, limit) => {
          const world = createWorld(limit, pace, offsetMs);
          for (const { kind, gateway, amount } of moves) {
            if (kind === "work") {
              world.report(gateway, amount);
              for (let used = 0; used < amount && world.use(gateway, 1); used += 1);
            } else if (kind === "use") world.use(gateway, amount);
            else if (kind === "report") world.report(gateway, amount);
            else if (kind === "advance") world.advance(amount);
            else if (kind === "crash") world.crash(gateway);
            else if (kind === "cut-off") world.report(gateway, amount, true);
            else world.giveBack(gateway);
            expect(world.inWindow()).toBeLessThanOrEqual(limit);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("serves at least 99 in 100 of it while all gateways live, however requests fall on them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(2), { minLength: 320, maxLength: 400 }),
        fc.integer({ min: 100, max: 200 }),
        (order, limit) => {
          const world = createWorld(limit, [1, 1, 1]);
          const situation = {
            limit,
            usedPerSecond: 20,
            takenPerSecond: 200,
            roundTripMs: 5,
            gateways: 3,
            isStanding: true,
          };
          let served = 0;
          for (const index of order) {
            const mine = world.gateways[index] as Gateway;
            if (!world.use(index, 1)) {
              const plan = planLease({ ...situation, atHand: mine.atHand, needed: 1, isContended: false });
              if (world.report(index, plan.wanted) === 0) {
                // The others are asked to give back what they do not need.
                for (const [other, { atHand }] of world.gateways.entries()) {
                  if (other === index) continue;
                  const { surplus } = planLease({ ...situation, atHand, needed: 0, isContended: true });
                  (world.gateways[other] as Gateway).atHand -= surplus;
                  world.report(other, 0);
                }
                world.report(index, 1);
              }
              if (!world.use(index, 1)) continue;
            }
            served += 1;
          }
          expect(served).toBeLessThanOrEqual(limit);
          expect(served).toBeGreaterThanOrEqual(Math.floor(limit * 0.99));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("counts what a dead gateway held as used at the end of its lease, and lends it again a window later", () => {
    const world = createWorld(100, [1, 1]);
    world.report(0, 60);
    expect(world.report(1, 100)).toBe(40);
    world.advance(TTL_MS + 1);
    expect(world.report(1, 60)).toBe(0);
    world.advance(WINDOW_MS);
    expect(world.report(1, 60)).toBe(0);
    world.advance(STEP_MS);
    expect(world.report(1, 60)).toBe(60);
  });

  it("never counts a window short for what was given back, whichever call it was of", () => {
    const world = createWorld(100, [1]);
    world.report(0, 60);
    world.use(0, 40);
    world.use(0, 20);
    world.report(0, 0);
    world.advance(30_000);
    world.report(0, 40);
    world.use(0, 40);
    world.report(0, 0);
    const [, second] = world.uses;
    world.gateways[0]?.givenBack.push(second as Use);
    expect(world.report(0, 50)).toBe(20);
    world.use(0, 20);
    world.advance(31_000);
    world.report(0, 0);
    expect(world.inWindow()).toBe(60);
    expect(world.report(0, 100)).toBeLessThanOrEqual(40);
  });

  it("says when there is room again", () => {
    const book = createLeaseBook();
    const rate = { kind: "rate", limit: 10, stepMs: STEP_MS, givenBack: 0, held: 0 } as const;
    const caller = { gateway: "a", now: 1_000_000, endedAt: () => undefined };
    leaseFromBook(book, { ...rate, used: [{ ageMs: 0, amount: 10 }], wanted: 0 }, caller);
    const later = { ...caller, now: 1_030_000 };
    expect(leaseFromBook(book, { ...rate, used: [], wanted: 1 }, later)).toEqual({
      granted: 0,
      othersHold: 0,
      retryMs: 31_000,
    });
  });
});

describe("a budget lent to several gateways", () => {
  const lease = {
    kind: "budget",
    limit: 1_000,
    spentBefore: 0,
    origin: "o",
    knownSpent: 0,
    held: 0,
    wanted: 0,
    spent: 0,
  } as const;
  const ask = (book: LeaseBook, gateway: string, more: object, ended: Record<string, number> = {}, now = 0) =>
    leaseFromBook(book, { ...lease, origin: gateway, ...more }, { gateway, now, endedAt: (name) => ended[name] });

  it("is never exceeded by what is spent and held, and a report may come twice", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(300), fc.nat(300), fc.boolean()), { maxLength: 80 }), (moves) => {
        const book = createLeaseBook();
        const gateways = [0, 1, 2].map(() => ({ spent: 0, held: 0 }));
        for (const [index, wanted, spend, isTwice] of moves) {
          const mine = gateways[index] as { spent: number; held: number };
          const used = Math.min(spend, mine.held);
          mine.spent += used;
          mine.held -= used;
          const asks = { spent: mine.spent, held: mine.held };
          if (isTwice) ask(book, `g${index}`, { ...asks, wanted: 0 });
          mine.held += ask(book, `g${index}`, { ...asks, wanted }).granted;
          const total = gateways.reduce((sum, { spent, held }) => sum + spent + held, 0);
          expect(total).toBeLessThanOrEqual(1_000);
        }
      }),
    );
  });

  it("takes what a dead gateway held for spent, and believes it again when it comes back", () => {
    const book = createLeaseBook();
    expect(ask(book, "a", { wanted: 400 }).granted).toBe(400);
    expect(ask(book, "b", { wanted: 1_000 }, { a: 10 }, 20).granted).toBe(600);
    ask(book, "b", { held: 0, spent: 0 }, { a: 10 }, 30);
    expect(ask(book, "a", { spent: 100, held: 0, wanted: 1_000 }, {}, 40).granted).toBe(900);
  });

  it("sums up those who are gone for long", () => {
    const book = createLeaseBook();
    ask(book, "a", { spent: 300 });
    ask(book, "b", {}, { a: 10 }, FOLD_AFTER_MS + 10);
    expect(book.spent.has("a")).toBe(false);
    expect(ask(book, "b", { wanted: 1_000 }, { a: 10 }, FOLD_AFTER_MS + 20).granted).toBe(700);
  });

  it("counts what was spent before once for each journal, and at least what control knows", () => {
    const book = createLeaseBook();
    ask(book, "a", { spentBefore: 200 });
    expect(ask(book, "a", { spentBefore: 200, wanted: 1_000 }).granted).toBe(800);
    expect(ask(book, "a", { knownSpent: 500, wanted: 1_000 }).granted).toBe(500);
  });
});
