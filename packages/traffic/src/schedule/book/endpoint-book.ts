// What is in flight at the endpoints of a pool. The scheduler, the fast path of a worker and the screen read and write the same book, so
// there is one truth about who holds what.
import type { EndpointLimits } from "./endpoint-limits.ts";
import type { Reservation } from "./reservation.ts";

/** The book of one pool. Endpoints are numbered from 0 to `size` − 1; a number may get another endpoint when its old one has gone. */
export interface EndpointBook {
  readonly size: number;
  /** Rises after whatever changes at the endpoint: who has seen this number need not look again. */
  changes(endpoint: number): number;
  /** Limits as they are now: the same object until they change. */
  limits(endpoint: number): EndpointLimits;
  setLimits(endpoint: number, limits: EndpointLimits): void;
  /** Requests in flight. */
  active(endpoint: number): number;
  /** Uncached prompt tokens of requests without a first token. */
  prefillTokens(endpoint: number): number;
  /** Tokens in KV memory at the peak that is to come, see `memory-forecast.ts`. */
  kvTokens(endpoint: number): number;
  /** Writes the tokens in KV memory by span of the forecast into a row of cells, from a cell on. */
  readMemory(endpoint: number, into: Int32Array, from: number): void;
  /** Predicted work that is left, ms. */
  workMs(endpoint: number): number;
  /** Takes slot, prompt tokens and memory at once, or nothing. What is asked for stands in the reservation. */
  tryReserve(endpoint: number, reservation: Reservation): boolean;
  /** The first token came: the prompt is read. */
  firstToken(reservation: Reservation): void;
  /** It is estimated anew. Memory may go above the limit: the tokens are there already. */
  correct(reservation: Reservation, contextTokens: number, remainingTokens: number, workMs: number): void;
  /** Gives all back. Nothing happens the second time, or when the endpoint has become another one. */
  release(reservation: Reservation): void;
  /** The number belongs to another endpoint from now on: nothing is in flight there, old reservations are void. */
  renew(endpoint: number): void;
  /** A worker is dead: what it held is free. Called by the thread that grants. */
  clearRow(row: number): void;
}
