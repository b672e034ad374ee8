// The seats of a pool: how many its book has, and who sits where. The arbiter and each worker seat a pool's endpoints for themselves.
import type { Slot } from "../shared/in-flight-table.ts";
import type { PoolBook } from "./pool-book.ts";

/** Of a new pool. */
export const FIRST_SEATS = 4;
const GROWTH = 4;

/** How many seats a book of this size should have for so many endpoints: as many as before, or several times that. */
export function seatsFor(endpoints: number, size: number): number {
  let seats = size;
  while (seats < endpoints) seats *= GROWTH;
  return seats;
}

/** Gives each of these slots a seat; those of others are empty afterwards. Returns the seats in the order of the slots. */
export function takeSeats(book: PoolBook, slots: readonly Slot[]): number[] {
  const isSame = (one: Slot | undefined, other: Slot): boolean =>
    one?.index === other.index && one.generation === other.generation;
  for (let seat = 0; seat < book.size; seat += 1) {
    const present = book.seats[seat];
    if (present !== undefined && !slots.some((slot) => isSame(present, slot))) book.sit(seat, undefined);
  }
  return slots.map((slot) => {
    const known = book.seats.findIndex((each) => isSame(each, slot));
    if (known >= 0) return known;
    const free = book.seats.indexOf(undefined);
    if (free >= 0) book.sit(free, slot);
    return free;
  });
}
