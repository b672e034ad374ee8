import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountsOf, countFits, formatAmounts, NOTHING, plus, type Amounts } from "./amounts.ts";
import { assignRoom, type RoomClaim, type RoomHolder } from "./assign-room.ts";

const GIB = 1024 ** 3;
const MACHINE: Amounts = { cpus: 4, memoryBytes: 8 * GIB, gpus: 1 };
const [LOW, NORMAL, HIGH] = [0, 1, 2];

function holder(instance: string, gib: number, change: Partial<RoomHolder> = {}): RoomHolder {
  return {
    instance,
    handle: instance,
    rank: NORMAL,
    amounts: amountsOf({ memoryBytes: gib * GIB }),
    isLeaving: false,
    mayMakeWay: true,
    ...change,
  };
}

function claim(service: string, gib: number, change: Partial<RoomClaim> = {}): RoomClaim {
  const each = amountsOf({ memoryBytes: gib * GIB });
  return { service, rank: NORMAL, each, missing: 1, preempts: false, ...change };
}

const names = (holders: readonly RoomHolder[] | undefined): readonly string[] =>
  (holders ?? []).map(({ instance }) => instance);

describe("room on the machine", () => {
  it("is given in the order of the claims, as often as it fits", () => {
    const { grants, left } = assignRoom(MACHINE, [holder("db/0", 2)], [claim("a", 2, { missing: 5 }), claim("b", 1)]);
    expect(grants.get("a")?.fits).toBe(3);
    expect(grants.get("b")?.fits).toBe(0);
    expect(left).toMatchObject({ memoryBytes: 0, cpus: 4 });
  });

  it("is short of the one dimension that is scarce", () => {
    const gpu = { each: amountsOf({ gpus: 1 }) };
    const { grants } = assignRoom(MACHINE, [], [claim("llm", 0, gpu), claim("other", 0, gpu), claim("web", 4)]);
    expect([...grants.values()].map(({ fits }) => fits)).toEqual([1, 0, 1]);
  });

  it("says who would have to go: the fewest, of the lowest class", () => {
    const holders = [
      holder("api/0", 2, { rank: HIGH }),
      holder("batch/0", 1, { rank: LOW }),
      holder("batch/1", 3, { rank: LOW }),
      holder("web/0", 2),
    ];
    const { grants } = assignRoom(MACHINE, holders, [claim("llm", 3)]);
    expect(names(grants.get("llm")?.shortage?.holders)).toEqual(["batch/1"]);
    const all = assignRoom(MACHINE, holders, [claim("llm", 8)]);
    expect(names(all.grants.get("llm")?.shortage?.holders).toSorted()).toEqual([
      "api/0",
      "batch/0",
      "batch/1",
      "web/0",
    ]);
  });

  it("is kept for the first who waits for something that ends, and not for one who waits for ever", () => {
    const job = holder("migrate/0", 6, { isLeaving: true });
    const claims = [claim("llm", 7, { rank: HIGH }), claim("small", 1)];
    const ending = assignRoom(MACHINE, [job], claims);
    expect(ending.grants.get("llm")?.shortage).toMatchObject({ comesFree: true, victims: [] });
    expect(ending.grants.get("small")).toMatchObject({ fits: 0, shortage: { keptFor: "llm" } });
    const lasting = assignRoom(MACHINE, [{ ...job, isLeaving: false }], claims);
    expect(lasting.grants.get("llm")?.shortage).toMatchObject({ comesFree: false, victims: [] });
    expect(lasting.grants.get("small")?.fits).toBe(1);
  });

  it("lets nobody be stopped unless the claim may, and then only lower classes, and only if that is enough", () => {
    const holders = [
      holder("batch/0", 3, { rank: LOW }),
      holder("batch/1", 3, { rank: LOW }),
      holder("api/0", 2, { rank: HIGH }),
    ];
    const victims = (change: Partial<RoomClaim>, gib = 4): readonly string[] =>
      names(
        assignRoom(MACHINE, holders, [claim("llm", gib, { rank: HIGH, ...change })]).grants.get("llm")?.shortage
          ?.victims,
      );
    expect(victims({})).toEqual([]);
    expect(victims({ preempts: true }).toSorted()).toEqual(["batch/0", "batch/1"]);
    expect(victims({ preempts: true }, 3)).toEqual(["batch/0"]);
    expect(victims({ preempts: true }, 7)).toEqual([]);
    expect(victims({ preempts: true, rank: LOW }, 3)).toEqual([]);
  });

  it("stops nobody where enough is leaving already", () => {
    const holders = [holder("batch/0", 4, { rank: LOW }), holder("batch/1", 4, { rank: LOW, isLeaving: true })];
    const { grants } = assignRoom(MACHINE, holders, [claim("llm", 4, { rank: HIGH, preempts: true })]);
    expect(grants.get("llm")?.shortage).toMatchObject({ victims: [], comesFree: true });
  });

  it("never gives more than there is, and wastes nothing that the first claim could have", () => {
    const amounts = fc.record({
      cpus: fc.integer({ min: 0, max: 20 }).map((tenths) => tenths / 10),
      memoryBytes: fc.integer({ min: 0, max: 4 }).map((gib) => gib * GIB),
      gpus: fc.integer({ min: 0, max: 1 }),
    });
    const anyHolder = fc.record({ amounts, rank: fc.integer({ min: 0, max: 2 }), isLeaving: fc.boolean() });
    const anyClaim = fc.record({
      each: amounts,
      missing: fc.integer({ min: 1, max: 4 }),
      rank: fc.integer({ min: 0, max: 2 }),
      preempts: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyHolder, { maxLength: 4 }), fc.array(anyClaim, { maxLength: 4 }), (some, wishes) => {
        const holders = some.map((one, index) => ({ ...holder(`h/${index}`, 0), ...one }));
        const claims = wishes.map((one, index) => ({ ...one, service: `s${index}` }));
        const { grants } = assignRoom(MACHINE, holders, claims);
        const given = claims.reduce(
          (sum, { service, each }) => plus(sum, each, grants.get(service)?.fits ?? 0),
          NOTHING,
        );
        const taken = holders.reduce((sum, one) => plus(sum, one.amounts), NOTHING);
        for (const key of ["cpus", "memoryBytes", "gpus"] as const) {
          if (given[key] > 0) expect(taken[key] + given[key]).toBeLessThanOrEqual(MACHINE[key] + 1e-3);
        }
        for (const { service, missing, rank } of claims) {
          const grant = grants.get(service);
          expect(grant?.shortage === undefined).toBe(grant?.fits === missing);
          for (const victim of grant?.shortage?.victims ?? []) expect(victim.rank).toBeLessThan(rank);
        }
        const [first] = claims;
        if (first === undefined) return;
        const free = holders.reduce((left, one) => plus(left, one.amounts, -1), MACHINE);
        expect(grants.get("s0")?.fits).toBe(Math.min(first.missing, countFits(free, first.each)));
      }),
    );
  });
});

it("writes amounts the same for everybody, and only those that matter", () => {
  expect(formatAmounts({ cpus: 0.5, memoryBytes: 1.55 * GIB, gpus: 1 })).toBe("0.5 CPU, 1.5 GiB, 1 GPU");
  expect(
    formatAmounts({ cpus: 2, memoryBytes: 300 * 1024 ** 2, gpus: 0 }, amountsOf({ memoryBytes: 1, gpus: 1 })),
  ).toBe("300 MiB, 0 GPU");
  expect(formatAmounts(NOTHING)).toBe("0");
});
