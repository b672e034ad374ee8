import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "@flyball/fakes";
import { NO_LIMIT, type Reservation, type ScheduledRequest } from "@flyball/traffic";
import { createArbiter } from "./arbiter.ts";
import type { GrantRecord } from "./arbiter-messages.ts";
import { reservationOf } from "./booking.ts";
import { createScheduleBuffers, wrapScheduleMemory } from "./schedule-memory.ts";
import type { SlotState } from "./slot-check.ts";

const POOL = 7;

/** An arbiter of two workers over one pool whose endpoints take so many requests each. */
function stage(caps: readonly number[], prefillTokenCap = NO_LIMIT) {
  const memory = wrapScheduleMemory(createScheduleBuffers(2));
  const clock = { now: 1_000 };
  const granted: { readonly row: number; readonly grant: GrantRecord }[] = [];
  const lost: number[] = [];
  const states = new Map<number, SlotState>();
  const arbiter = createArbiter({
    memory,
    random: seededRandom(3),
    monotonic: () => clock.now,
    check: ({ index }) => states.get(index) ?? "open",
    onGrant: (row, grant) => void granted.push({ row, grant }),
    onLost: (_row, _pool, id) => void lost.push(id),
  });
  const setCap = (column: number, activeCap: number): void =>
    memory.book.setLimits(column, {
      activeCap,
      prefillTokenCap,
      kvTokenCap: NO_LIMIT,
      weight: 1,
      rates: { prefillMs: 0.1, decodeMs: 1, contextMs: 0 },
      isServing: true,
    });
  for (const [column, cap] of caps.entries()) setCap(column, cap);
  const slots = caps.map((_, index) => ({ index, generation: 0 }));
  arbiter.setPools([{ number: POOL, slots, balance: undefined }]);
  return { memory, arbiter, clock, granted, lost, states, slots, setCap };
}

function request(id: number, more: Partial<ScheduledRequest> = {}): ScheduledRequest {
  return {
    id,
    tenant: "",
    classIndex: 1,
    arrivedAt: 1_000,
    deadlineAt: Number.POSITIVE_INFINITY,
    inputTokens: 10,
    outputTokens: 10,
    outputTokensHigh: 12,
    workMs: 10,
    blocks: [],
    row: id % 2,
    ...more,
  };
}

describe("the arbiter", () => {
  it("grants in the rows of those who asked, and gives nothing back that is not its own", () => {
    const { memory, arbiter, granted } = stage([1, 1]);
    for (const id of [1, 2, 3]) arbiter.arrive(POOL, request(id));
    arbiter.look();
    expect(granted.map(({ row, grant }) => [row, grant.id]).toSorted()).toEqual([
      [0, 2],
      [1, 1],
    ]);
    for (const { grant } of granted) arbiter.end(POOL, grant.id, 10);
    expect([memory.book.active(0), memory.book.active(1)]).toEqual([1, 1]);
    const [first] = granted as [{ readonly row: number; readonly grant: GrantRecord }];
    memory.book.release(reservationOf(first.row, first.grant));
    arbiter.look();
    expect(granted.at(-1)?.grant.id).toBe(3);
    expect(arbiter.queued).toBe(0);
  });

  it("grants nobody twice who is told to it twice", () => {
    const { arbiter, granted } = stage([4]);
    arbiter.arrive(POOL, request(1));
    arbiter.arrive(POOL, request(1));
    arbiter.look();
    expect(granted).toHaveLength(1);
  });

  it("leaves ejected endpoints alone while another one is open, and asks them when none is; one that rests never", () => {
    const { arbiter, granted, states } = stage([1, 9, 9]);
    states.set(1, "ejected");
    states.set(2, "resting");
    arbiter.arrive(POOL, request(1));
    arbiter.arrive(POOL, request(2));
    arbiter.look();
    expect(granted.map(({ grant }) => grant.column)).toEqual([0]);
    states.set(0, "ejected");
    arbiter.look();
    expect(granted.map(({ grant }) => grant.column)).toEqual([0, 1]);
    states.set(0, "resting").set(1, "resting");
    arbiter.arrive(POOL, request(3));
    arbiter.look();
    expect(granted).toHaveLength(2);
  });

  it("keeps who waits when a pool outgrows its book", () => {
    const { arbiter, granted, setCap } = stage([1]);
    for (let id = 1; id <= 8; id += 1) arbiter.arrive(POOL, request(id));
    arbiter.look();
    expect(granted).toHaveLength(1);
    for (let column = 1; column < 8; column += 1) setCap(column, 1);
    arbiter.setPools([
      { number: POOL, slots: Array.from({ length: 8 }, (_, index) => ({ index, generation: 0 })), balance: undefined },
    ]);
    arbiter.look();
    expect(new Set(granted.map(({ grant }) => grant.id)).size).toBe(8);
    expect(new Set(granted.map(({ grant }) => grant.column)).size).toBe(8);
  });
});

describe("other knobs while requests wait", () => {
  it("lose nobody: who waits is ordered anew, and tenants keep what they have had", () => {
    const { memory, arbiter, granted, slots } = stage([1]);
    const next = (): number => {
      const last = granted.at(-1);
      if (last !== undefined) {
        memory.book.release(reservationOf(last.row, last.grant));
        arbiter.end(POOL, last.grant.id, 10);
      }
      arbiter.look();
      return granted.at(-1)?.grant.id ?? -1;
    };
    for (const [id, workMs] of [50, 40, 30, 20, 10].entries())
      arbiter.arrive(POOL, request(id, { workMs, arrivedAt: id }));
    expect(next()).toBe(4);
    arbiter.setPools([{ number: POOL, slots, balance: undefined, schedule: { order: "arrival" } }]);
    expect([next(), next()]).toEqual([0, 1]);
    arbiter.setPools([{ number: POOL, slots, balance: "random", schedule: { order: "srtf" } }]);
    expect([next(), next()]).toEqual([3, 2]);
    expect(arbiter.queued).toBe(0);
  });

  it("go by the weights of tenants, in all pools", () => {
    const { memory, arbiter, clock, granted, slots } = stage([1]);
    const pools = [{ number: POOL, slots, balance: undefined }];
    for (let id = 0; id < 80; id += 1) arbiter.arrive(POOL, request(id, { tenant: id % 2 === 0 ? "acme" : "other" }));
    const serve = (count: number): number => {
      const from = granted.length;
      while (granted.length < from + count) {
        arbiter.look();
        const { row, grant } = granted.at(-1) as { readonly row: number; readonly grant: GrantRecord };
        clock.now += 10;
        memory.book.release(reservationOf(row, grant));
        arbiter.end(POOL, grant.id, 10);
      }
      return granted.slice(from).filter(({ grant }) => grant.id % 2 === 0).length;
    };
    expect(serve(8)).toBe(4);
    arbiter.setPools(pools, new Map([["acme", 3]]));
    expect(serve(20)).toBeGreaterThanOrEqual(14);
    arbiter.setPools(pools);
    expect(serve(12)).toBeLessThanOrEqual(7);
  });
});

const STEP = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("arrive" as const), tokens: fc.integer({ min: 1, max: 80 }) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("end" as const), at: fc.nat(1_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("leave" as const), at: fc.nat(1_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("token" as const), at: fc.nat(1_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("die" as const), row: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cap" as const), cap: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(5_000) }) },
);

describe("any order of arrivals, ends, leaves and deaths", () => {
  it("passes no limit, grants everybody at most once, keeps nobody waiting before a free place, and loses no place", () => {
    fc.assert(
      fc.property(
        fc.array(STEP, { maxLength: 150, size: "max" }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        (steps, first) => {
          const caps = [...first];
          const { memory, arbiter, clock, granted, setCap } = stage(caps, 100);
          const waiting = new Map<number, ScheduledRequest>();
          const running: { readonly id: number; readonly row: number; readonly reservation: Reservation }[] = [];
          const seen = new Set<number>();
          let id = 0;
          const take = (): void => {
            for (const { row, grant } of granted.splice(0)) {
              expect(waiting.delete(grant.id)).toBe(true);
              expect(seen.has(grant.id)).toBe(false);
              seen.add(grant.id);
              running.push({ id: grant.id, row, reservation: reservationOf(row, grant) });
              // What comes later is held against the limit of that moment: a cap that fell is not broken by those who run.
              expect(memory.book.active(grant.column)).toBeLessThanOrEqual(caps[grant.column] as number);
            }
          };
          for (const step of steps) {
            clock.now += 1;
            if (step.kind === "arrive") {
              id += 1;
              const asked = request(id, { inputTokens: step.tokens, arrivedAt: clock.now, tenant: `t${id % 3}` });
              waiting.set(id, asked);
              arbiter.arrive(POOL, asked);
            } else if (step.kind === "end") {
              const [one] = running.splice(step.at % Math.max(1, running.length), 1);
              if (one) {
                memory.book.release(one.reservation);
                arbiter.end(POOL, one.id, 5);
              }
            } else if (step.kind === "leave") {
              const gone = [...waiting.keys()][step.at % Math.max(1, waiting.size)];
              if (gone !== undefined) {
                waiting.delete(gone);
                arbiter.leave(POOL, gone);
              }
            } else if (step.kind === "token") {
              const one = running[step.at % Math.max(1, running.length)];
              if (one) memory.book.firstToken(one.reservation);
            } else if (step.kind === "die") {
              arbiter.rowDied(step.row);
              memory.book.clearRow(step.row);
              for (const [each, { row }] of waiting) if (row === step.row) waiting.delete(each);
              running.splice(0, running.length, ...running.filter(({ row }) => row !== step.row));
            } else if (step.kind === "cap") {
              caps[0] = step.cap;
              setCap(0, step.cap);
            } else clock.now += step.ms;
            arbiter.look();
            take();
            expect(arbiter.queued).toBe(waiting.size);
            const idle = caps.findIndex((_, column) => memory.book.active(column) === 0);
            if (waiting.size > 0) expect(idle).toBe(-1);
          }
          for (const { reservation } of running) memory.book.release(reservation);
          for (const [column] of caps.entries()) {
            const { book } = memory;
            expect([
              book.active(column),
              book.prefillTokens(column),
              book.kvTokens(column),
              book.workMs(column),
            ]).toEqual([0, 0, 0, 0]);
            caps[column] = 1_000;
            book.setLimits(column, { ...book.limits(column), activeCap: 1_000, prefillTokenCap: NO_LIMIT });
          }
          clock.now += 60_000;
          arbiter.look();
          take();
          expect(arbiter.queued).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});
