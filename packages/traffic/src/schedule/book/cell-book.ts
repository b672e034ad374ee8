// The endpoint book over cells of one buffer: plain memory where one thread does all, a SharedArrayBuffer where workers reserve on their
// own while an arbiter grants to those who wait. The code is the same, so what the simulation proves holds for the gateway.
//
// A reservation adds to its worker's row first and looks at the sums after; when they are too large it takes the addition back. Of two that ask
// for the last place at the same moment both may fail, never may both succeed: whoever looks later sees the other. Who fails queues, and the
// one thread that grants finds the place.
import {
  ACTIVE,
  addHeld,
  changesOf,
  clearHeld,
  dropPrefill,
  generationOf,
  isCurrent,
  isServing,
  keepsLimits,
  layCells,
  limitsVersion,
  MEMORY,
  nextGeneration,
  noteChange,
  PREFILL,
  readLimits,
  replaceHeld,
  restoreHeld,
  roundAmounts,
  sumCells,
  sumMemory,
  wholeParts,
  wholeTokens,
  WORK,
  WORK_PARTS,
  writeLimits,
  cellBookBytes,
  type BookSize,
} from "./book-cells.ts";
import type { EndpointBook } from "./endpoint-book.ts";
import type { EndpointLimits } from "./endpoint-limits.ts";
import { SPANS } from "./memory-forecast.ts";
import type { Reservation } from "./reservation.ts";

export { cellBookBytes, type BookSize } from "./book-cells.ts";

/** A book over cells, with what only those need who share it. */
export interface CellBook extends EndpointBook {
  /** Takes what a reservation asks for whatever the limits say: what runs already, or may not wait. */
  take(endpoint: number, reservation: Reservation): void;
  /** Makes a row what these reservations of it hold, and nothing else: whoever wrote it beside its owner is dead. Called by the owner. */
  restoreRow(row: number, held: Iterable<Reservation>): void;
}

/** Wraps a buffer of `cellBookBytes`, full of zeros or in use by others. Without one: plain memory. */
export function createCellBook(
  size: BookSize,
  buffer: ArrayBufferLike = new ArrayBuffer(cellBookBytes(size)),
): CellBook {
  const cells = layCells(size, buffer);
  const views: EndpointLimits[] = [];
  const versions = new Int32Array(size.endpoints).fill(-1);
  return {
    size: size.endpoints,
    changes: (endpoint) => changesOf(cells, endpoint),
    limits(endpoint) {
      const version = limitsVersion(cells, endpoint);
      const view = views[endpoint];
      if (view !== undefined && versions[endpoint] === version) return view;
      versions[endpoint] = version;
      return (views[endpoint] = readLimits(cells, endpoint));
    },
    setLimits: (endpoint, limits) => writeLimits(cells, endpoint, limits),
    active: (endpoint) => sumCells(cells, endpoint, ACTIVE),
    prefillTokens: (endpoint) => sumCells(cells, endpoint, PREFILL),
    kvTokens(endpoint) {
      let peak = 0;
      for (let span = 0; span < SPANS; span += 1) peak = Math.max(peak, sumCells(cells, endpoint, MEMORY + span));
      return peak;
    },
    readMemory: (endpoint, into, from) => sumMemory(cells, endpoint, into, from),
    workMs: (endpoint) => sumCells(cells, endpoint, WORK) / WORK_PARTS,
    tryReserve(endpoint, reservation) {
      if (!isServing(cells, endpoint)) return false;
      roundAmounts(reservation);
      reservation.generation = generationOf(cells, endpoint);
      addHeld(cells, endpoint, reservation, 1);
      if (!keepsLimits(cells, endpoint, reservation)) {
        addHeld(cells, endpoint, reservation, -1);
        noteChange(cells, endpoint);
        return false;
      }
      noteChange(cells, endpoint);
      reservation.endpoint = endpoint;
      return true;
    },
    firstToken(reservation) {
      if (isCurrent(cells, reservation)) {
        dropPrefill(cells, reservation);
        noteChange(cells, reservation.endpoint);
      }
      reservation.prefillTokens = 0;
    },
    correct(reservation, contextTokens, remainingTokens, workMs) {
      const next = {
        contextTokens: wholeTokens(contextTokens),
        remainingTokens: wholeTokens(remainingTokens),
        workMs: wholeParts(workMs),
      };
      if (isCurrent(cells, reservation)) {
        replaceHeld(cells, reservation, next);
        noteChange(cells, reservation.endpoint);
      }
      reservation.contextTokens = next.contextTokens;
      reservation.remainingTokens = next.remainingTokens;
      reservation.workMs = next.workMs;
    },
    release(reservation) {
      if (isCurrent(cells, reservation)) {
        addHeld(cells, reservation.endpoint, reservation, -1);
        noteChange(cells, reservation.endpoint);
      }
      reservation.endpoint = -1;
    },
    take(endpoint, reservation) {
      roundAmounts(reservation);
      reservation.generation = generationOf(cells, endpoint);
      addHeld(cells, endpoint, reservation, 1);
      reservation.endpoint = endpoint;
      noteChange(cells, endpoint);
    },
    restoreRow: (row, held) => restoreHeld(cells, row, held),
    renew(endpoint) {
      nextGeneration(cells, endpoint);
      clearHeld(cells, { endpoint });
    },
    clearRow: (row) => clearHeld(cells, { row }),
  };
}
