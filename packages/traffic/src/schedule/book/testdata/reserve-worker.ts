// A thread that reserves and gives back at an endpoint book as fast as it can, and counts what it really holds in cells of its own: they tell
// whether more was ever held at once than the book allows.
import { parentPort, workerData } from "node:worker_threads";
import { createCellBook, type BookSize } from "../cell-book.ts";
import { createReservation } from "../reservation.ts";

interface Orders {
  readonly size: BookSize;
  readonly buffer: SharedArrayBuffer;
  /** By endpoint: requests and prompt tokens really held. */
  readonly truth: SharedArrayBuffer;
  readonly row: number;
  readonly rounds: number;
  readonly activeCap: number;
  readonly prefillCap: number;
}

const { size, buffer, truth, row, rounds, activeCap, prefillCap } = workerData as Orders;
const book = createCellBook(size, buffer);
const real = new Int32Array(truth);
let violations = 0;
let taken = 0;
for (let round = 0; round < rounds; round += 1) {
  const endpoint = (round * 7 + row) % size.endpoints;
  const reservation = createReservation(row);
  reservation.prefillTokens = 100 + ((round * 31 + row) % 300);
  reservation.contextTokens = 10;
  reservation.workMs = 5;
  const tokens = reservation.prefillTokens;
  if (!book.tryReserve(endpoint, reservation)) continue;
  taken += 1;
  if (Atomics.add(real, endpoint * 2, 1) + 1 > activeCap) violations += 1;
  if (Atomics.add(real, endpoint * 2 + 1, tokens) + tokens > prefillCap) violations += 1;
  Atomics.sub(real, endpoint * 2 + 1, tokens);
  book.firstToken(reservation);
  Atomics.sub(real, endpoint * 2, 1);
  book.release(reservation);
}
parentPort?.postMessage({ violations, taken });
