// What comes of waiting for a place.
import type { Booking } from "../schedule/booking.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { NoPlace } from "./refuse-place.ts";

/** Exactly one of them is called, unless the client leaves. */
export interface PlaceOutcome {
  /** A place on it is taken. */
  onPlaced(endpoint: Endpoint, ticket: number, booking: Booking | undefined): void;
  /** Not called when the client left. */
  onNoPlace(refusal: NoPlace): void;
}
