import { createCellBook, createReservation, type EndpointLimits } from "@flyball/traffic";
import { beforeEach, describe, expect, it } from "vitest";
import { createPoolBook } from "./pool-book.ts";
import { takeSeats } from "./seats.ts";

const LIMITS: EndpointLimits = {
  activeCap: 2,
  prefillTokenCap: 100,
  kvTokenCap: 1_000,
  weight: 1,
  rates: { prefillMs: 1, decodeMs: 1, contextMs: 0 },
  isServing: true,
};
const slot = (index: number, generation = 0) => ({ index, generation });

let shared: ReturnType<typeof createCellBook>;

beforeEach(() => {
  shared = createCellBook({ endpoints: 8, rows: 2 });
  for (let column = 0; column < 8; column += 1) shared.setLimits(column, { ...LIMITS, activeCap: column + 1 });
});

describe("a pool's part of the book", () => {
  it("reads and reserves in the columns of its seats", () => {
    const book = createPoolBook(shared, 4);
    expect(takeSeats(book, [slot(5), slot(2)])).toEqual([0, 1]);
    const reservation = createReservation(1);
    expect(book.tryReserve(1, reservation)).toBe(true);
    expect([shared.active(2), book.active(1), book.active(0), book.limits(0).activeCap]).toEqual([1, 1, 0, 6]);
    book.release(reservation);
    expect(shared.active(2)).toBe(0);
  });

  it("serves nobody from an empty seat or a shut one", () => {
    const book = createPoolBook(shared, 4);
    takeSeats(book, [slot(1)]);
    expect(book.limits(3).isServing).toBe(false);
    expect(book.tryReserve(3, createReservation(0))).toBe(false);
    book.open(0, false);
    expect(book.limits(0).isServing).toBe(false);
    expect(book.tryReserve(0, createReservation(0))).toBe(false);
    book.open(0, true);
    expect(book.tryReserve(0, createReservation(0))).toBe(true);
  });

  it("counts a change whenever anything is otherwise: the limits, what is held, who sits there, whether it is open", () => {
    const book = createPoolBook(shared, 2);
    const seen = new Set([book.changes(0)]);
    const expectChange = (): void => {
      expect(seen.has(book.changes(0))).toBe(false);
      seen.add(book.changes(0));
    };
    book.sit(0, slot(3));
    expectChange();
    book.tryReserve(0, createReservation(0));
    expectChange();
    shared.setLimits(3, LIMITS);
    expectChange();
    book.open(0, false);
    expectChange();
    book.sit(0, slot(4));
    expectChange();
    book.sit(0, undefined);
    expectChange();
  });

  it("keeps who stays on his seat, and gives that of who went to the next", () => {
    const book = createPoolBook(shared, 4);
    takeSeats(book, [slot(1), slot(2), slot(3)]);
    expect(takeSeats(book, [slot(3), slot(6), slot(1, 1)])).toEqual([2, 0, 1]);
  });

  it("hands what it reserves over: a release from here gives nothing back", () => {
    const given: number[] = [];
    const book = createPoolBook(shared, 2, ({ endpoint }) => void given.push(endpoint));
    takeSeats(book, [slot(7)]);
    const reservation = createReservation(0);
    expect(book.tryReserve(0, reservation)).toBe(true);
    book.release(reservation);
    expect([given, shared.active(7)]).toEqual([[7], 1]);
  });
});
