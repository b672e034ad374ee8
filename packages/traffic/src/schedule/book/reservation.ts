// What one request holds at an endpoint. The holder keeps the object and the book writes into it, so that nothing can be given back twice
// or to an endpoint that is another one by now.

/** The amounts that a request asks for, and where it got them. Changed by the endpoint book only. */
export interface Reservation {
  /** The gateway worker that it belongs to. */
  row: number;
  /** Index of the endpoint; −1: nothing is held. */
  endpoint: number;
  /** The endpoint's generation when it was taken. */
  generation: number;
  /** Prompt tokens that the endpoint has to read; 0 after the first token. */
  prefillTokens: number;
  /** Tokens that it has in KV memory, or will have when its prompt is read. */
  contextTokens: number;
  /** Tokens that it will probably bring from now on. */
  remainingTokens: number;
  /** Predicted work that is left, ms. */
  workMs: number;
}

/** A reservation that holds nothing. */
export function createReservation(row = 0): Reservation {
  return { row, endpoint: -1, generation: 0, prefillTokens: 0, contextTokens: 0, remainingTokens: 0, workMs: 0 };
}

/** What a request asks for. */
export type Amounts = Pick<Reservation, "prefillTokens" | "contextTokens" | "remainingTokens" | "workMs">;
