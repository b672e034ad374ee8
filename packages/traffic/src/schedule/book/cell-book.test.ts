import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { cellBookBytes, createCellBook, type BookSize } from "./cell-book.ts";
import type { EndpointBook } from "./endpoint-book.ts";
import { NO_LIMIT, type EndpointLimits } from "./endpoint-limits.ts";
import { createReservation, type Amounts, type Reservation } from "./reservation.ts";

const LIMITS: EndpointLimits = {
  activeCap: 3,
  prefillTokenCap: 1_000,
  kvTokenCap: 5_000,
  weight: 1.5,
  rates: { prefillMs: 0.1, decodeMs: 0.3, contextMs: 1e-4 },
  isServing: true,
};

function asking(amounts: Partial<Amounts>, row = 0): Reservation {
  return { ...createReservation(row), ...amounts };
}

function bookOf(limits: Partial<EndpointLimits> = {}, size: BookSize = { endpoints: 2, rows: 2 }): EndpointBook {
  const book = createCellBook(size);
  for (let endpoint = 0; endpoint < size.endpoints; endpoint += 1) book.setLimits(endpoint, { ...LIMITS, ...limits });
  return book;
}

function sums(book: EndpointBook, endpoint: number): readonly number[] {
  return [book.active(endpoint), book.prefillTokens(endpoint), book.kvTokens(endpoint), book.workMs(endpoint)];
}

describe("the endpoint book", () => {
  it("takes all amounts at once and gives all back", () => {
    const book = bookOf();
    const reservation = asking({ prefillTokens: 300, contextTokens: 400, remainingTokens: 20, workMs: 12.3 });
    expect(book.tryReserve(1, reservation)).toBe(true);
    expect(sums(book, 1)).toEqual([1, 300, 420, 12.25]);
    book.firstToken(reservation);
    book.correct(reservation, 410, 10, 6);
    expect(sums(book, 1)).toEqual([1, 0, 420, 6]);
    book.release(reservation);
    expect(sums(book, 1)).toEqual([0, 0, 0, 0]);
  });

  it("takes nothing when one limit would be passed, whichever it is", () => {
    for (const limits of [{ activeCap: 1 }, { prefillTokenCap: 399 }, { kvTokenCap: 839 }, { isServing: false }]) {
      const book = bookOf();
      const ask = { prefillTokens: 200, contextTokens: 400, remainingTokens: 20, workMs: 5 };
      expect(book.tryReserve(0, asking(ask))).toBe(true);
      const before = sums(book, 0);
      book.setLimits(0, { ...LIMITS, ...limits });
      expect(book.tryReserve(0, asking(ask))).toBe(false);
      expect(sums(book, 0)).toEqual(before);
    }
  });

  it("takes a prompt above the limit where none is being read, and a request above the memory where nothing runs", () => {
    const book = bookOf();
    const large = asking({ prefillTokens: 4_000, contextTokens: 4_000, remainingTokens: 9_000 });
    expect(book.tryReserve(0, large)).toBe(true);
    expect(book.tryReserve(0, asking({ prefillTokens: 1, contextTokens: 1 }))).toBe(false);
    book.firstToken(large);
    // It grows beyond the memory: only who ends before that has room beside it.
    const [long, short] = [
      asking({ contextTokens: 1, remainingTokens: 3_000 }),
      asking({ contextTokens: 1, remainingTokens: 9 }),
    ];
    expect(book.tryReserve(0, long)).toBe(false);
    expect(book.tryReserve(0, short)).toBe(true);
    book.correct(large, 4_100, 100, 0);
    expect(book.tryReserve(0, long)).toBe(true);
  });

  it("gives nothing back a second time", () => {
    const book = bookOf();
    const [one, other] = [asking({ prefillTokens: 10 }), asking({ prefillTokens: 20 })];
    book.tryReserve(0, one);
    book.tryReserve(0, other);
    book.release(one);
    book.release(one);
    book.firstToken(one);
    book.firstToken(other);
    book.firstToken(other);
    expect(sums(book, 0)).toEqual([1, 0, 0, 0]);
  });

  it("gives nothing back to an endpoint that has the number of one that has gone", () => {
    const book = bookOf();
    const old = asking({ prefillTokens: 10, contextTokens: 10, workMs: 1 });
    book.tryReserve(0, old);
    book.renew(0);
    expect(sums(book, 0)).toEqual([0, 0, 0, 0]);
    const young = asking({ prefillTokens: 5 });
    book.tryReserve(0, young);
    book.correct(old, 100, 100, 100);
    book.release(old);
    expect(sums(book, 0)).toEqual([1, 5, 0, 0]);
  });

  it("frees what a dead worker held and nothing else", () => {
    const book = bookOf();
    book.tryReserve(0, asking({ prefillTokens: 10 }, 0));
    book.tryReserve(0, asking({ prefillTokens: 20 }, 1));
    book.tryReserve(1, asking({ prefillTokens: 40 }, 1));
    book.clearRow(1);
    expect([book.prefillTokens(0), book.prefillTokens(1)]).toEqual([10, 0]);
  });

  it("shows limits as they are, in one object until they change", () => {
    const size = { endpoints: 1, rows: 2 };
    const buffer = new SharedArrayBuffer(cellBookBytes(size));
    const [here, there] = [createCellBook(size, buffer), createCellBook(size, buffer)];
    here.setLimits(0, LIMITS);
    const view = there.limits(0);
    expect(view).toEqual(LIMITS);
    expect(there.limits(0)).toBe(view);
    here.setLimits(0, { ...LIMITS, kvTokenCap: NO_LIMIT, isServing: false });
    expect(there.limits(0)).toMatchObject({ kvTokenCap: NO_LIMIT, isServing: false });
  });

  it("takes above its limits what runs already, and gives it back like all else", () => {
    const book = createCellBook({ endpoints: 1, rows: 1 });
    book.setLimits(0, { ...LIMITS, activeCap: 1, isServing: false });
    const [one, two] = [asking({ workMs: 4 }), asking({ prefillTokens: 9_000 })];
    book.take(0, one);
    book.take(0, two);
    expect(sums(book, 0)).toEqual([2, 9_000, 0, 4]);
    book.release(one);
    book.release(two);
    expect(sums(book, 0)).toEqual([0, 0, 0, 0]);
  });

  it("makes a row what its owner holds, whatever else was written there, and leaves the other rows alone", () => {
    const book = createCellBook({ endpoints: 3, rows: 2 });
    for (let endpoint = 0; endpoint < 3; endpoint += 1) book.setLimits(endpoint, { ...LIMITS, activeCap: 10 });
    const amounts = { prefillTokens: 5, contextTokens: 5, remainingTokens: 40, workMs: 2 };
    const kept = [asking(amounts), asking(amounts), asking(amounts)];
    for (const [index, reservation] of kept.entries()) book.tryReserve(index, reservation);
    const other = asking(amounts, 1);
    book.tryReserve(0, other);
    const lost = asking(amounts);
    book.tryReserve(1, lost);
    const gone = asking(amounts);
    book.tryReserve(2, gone);
    book.release(gone);
    const before = book.changes(0);
    book.restoreRow(0, [...kept, gone]);
    expect([0, 1, 2].map((endpoint) => sums(book, endpoint))).toEqual([
      [2, 10, 90, 4],
      [1, 5, 45, 2],
      [1, 5, 45, 2],
    ]);
    expect(book.changes(0)).toBe(before);
    for (const reservation of [...kept, other]) book.release(reservation);
    expect([0, 1, 2].map((endpoint) => book.active(endpoint))).toEqual([0, 0, 0]);
  });

  it("never holds more than its limits while threads reserve and give back at the same time", async () => {
    const size = { endpoints: 3, rows: 3 };
    const buffer = new SharedArrayBuffer(cellBookBytes(size));
    const truth = new SharedArrayBuffer(size.endpoints * 8);
    const book = createCellBook(size, buffer);
    const [activeCap, prefillCap] = [2, 600];
    for (let endpoint = 0; endpoint < 3; endpoint += 1) {
      book.setLimits(endpoint, { ...LIMITS, activeCap, prefillTokenCap: prefillCap });
    }
    const reports = await Promise.all(
      [0, 1, 2].map(async (row) => {
        const worker = new Worker(new URL("./testdata/reserve-worker.ts", import.meta.url), {
          workerData: { size, buffer, truth, row, rounds: 60_000, activeCap, prefillCap },
        });
        const [report] = (await once(worker, "message")) as [{ violations: number; taken: number }];
        await worker.terminate();
        return report;
      }),
    );
    for (const { violations, taken } of reports) {
      expect(violations).toBe(0);
      expect(taken).toBeGreaterThan(1_000);
    }
    for (let endpoint = 0; endpoint < 3; endpoint += 1) expect(sums(book, endpoint)).toEqual([0, 0, 0, 0]);
  });
});
