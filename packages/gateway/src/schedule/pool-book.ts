// The part of the shared book that is one pool's. A scheduler numbers the endpoints of its pool from 0; in the shared book each has the column
// of its slot. Endpoints come and go while the numbers stay, so a number is a seat: it may be empty, and it may get another endpoint.
import { NO_LIMIT, type CellBook, type EndpointBook, type EndpointLimits, type Reservation } from "@flyball/traffic";
import type { Slot } from "../shared/in-flight-table.ts";

/** An endpoint book with seats. Reservations carry columns of the shared book, so they outlive seats. */
export interface PoolBook extends EndpointBook {
  readonly seats: readonly (Slot | undefined)[];
  /** Gives a seat to an endpoint, or empties it. */
  sit(seat: number, slot: Slot | undefined): void;
  /** Whether the endpoint may get requests now, as far as breakers and rests go; it counts as not serving while it may not. */
  open(seat: number, isOpen: boolean): void;
}

/** What is done with a reservation that was made. */
export type KeepReservation = (reservation: Reservation) => void;

const NOBODY: EndpointLimits = {
  activeCap: 1,
  prefillTokenCap: 1,
  kvTokenCap: 1,
  weight: 1,
  rates: { prefillMs: 0, decodeMs: 0, contextMs: 0 },
  isServing: false,
};

/** Creates one with so many empty seats. With `handOver` what is reserved belongs to somebody else at once: nothing is released from here. */
export function createPoolBook(shared: CellBook, size: number, handOver?: KeepReservation): PoolBook {
  const seats: (Slot | undefined)[] = Array.from({ length: size }, () => undefined);
  const columns = new Int32Array(size).fill(-1);
  const isShut = new Uint8Array(size);
  /** Added to the changes of a column, so that the number of a seat's changes rises when it gets another endpoint too. */
  const offsets = new Int32Array(size);
  const shutLimits: (EndpointLimits | undefined)[] = Array.from({ length: size }, () => undefined);
  const changes = (seat: number): number => {
    const column = columns[seat] as number;
    return ((offsets[seat] as number) + (column < 0 ? 0 : shared.changes(column))) & 0x3fff_ffff;
  };
  return {
    size,
    seats,
    changes,
    sit(seat, slot) {
      const before = changes(seat);
      seats[seat] = slot;
      columns[seat] = slot?.index ?? -1;
      isShut[seat] = 0;
      offsets[seat] = before + 1 - (slot === undefined ? 0 : shared.changes(slot.index));
    },
    open(seat, isOpen) {
      const shut = isOpen ? 0 : 1;
      if (isShut[seat] === shut) return;
      isShut[seat] = shut;
      offsets[seat] = (offsets[seat] as number) + 1;
    },
    limits(seat) {
      const column = columns[seat] as number;
      if (column < 0) return NOBODY;
      const limits = shared.limits(column);
      if (isShut[seat] === 0 || !limits.isServing) return limits;
      const known = shutLimits[seat];
      if (known?.rates === limits.rates) return known;
      return (shutLimits[seat] = { ...limits, isServing: false });
    },
    setLimits() {
      throw new Error("limits are written by the main thread");
    },
    active: (seat) => sum(columns[seat] as number, shared.active),
    prefillTokens: (seat) => sum(columns[seat] as number, shared.prefillTokens),
    kvTokens: (seat) => sum(columns[seat] as number, shared.kvTokens),
    workMs: (seat) => sum(columns[seat] as number, shared.workMs),
    readMemory(seat, into, from) {
      const column = columns[seat] as number;
      if (column >= 0) shared.readMemory(column, into, from);
    },
    tryReserve(seat, reservation) {
      const column = columns[seat] as number;
      if (column < 0 || isShut[seat] !== 0) return false;
      // Where memory has no limit nobody asks how much is in use: sixteen additions less, and as many less at the end.
      if (shared.limits(column).kvTokenCap === NO_LIMIT) reservation.contextTokens = reservation.remainingTokens = 0;
      if (!shared.tryReserve(column, reservation)) return false;
      if (handOver !== undefined) {
        handOver(reservation);
        reservation.endpoint = -1;
      }
      return true;
    },
    firstToken: shared.firstToken,
    correct(reservation, contextTokens, remainingTokens, workMs) {
      const { endpoint } = reservation;
      const isBounded = endpoint >= 0 && shared.limits(endpoint).kvTokenCap !== NO_LIMIT;
      if (isBounded) shared.correct(reservation, contextTokens, remainingTokens, workMs);
      else shared.correct(reservation, 0, 0, workMs);
    },
    release: shared.release,
    renew() {
      throw new Error("columns are given out by the main thread");
    },
    // Rows are cleared for all pools at once.
    clearRow: () => undefined,
  };
}

function sum(column: number, read: (column: number) => number): number {
  return column < 0 ? 0 : read(column);
}
