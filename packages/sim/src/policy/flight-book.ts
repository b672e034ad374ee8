// The router's own count of what it has in flight on each replica, kept at dispatch, first token and end. Every fair baseline has it: it is
// fresher than any scrape.
import type { SimRequest } from "../trace/trace-request.ts";
import type { ReplicaFacts } from "./policy.ts";

/** What is in flight where. */
export interface FlightBook {
  readonly size: number;
  readonly facts: readonly ReplicaFacts[];
  isServing(replica: number): boolean;
  active(replica: number): number;
  /** Prompt tokens sent whose first token has not come, less those expected in a cache. */
  prefillTokens(replica: number): number;
  /** Prompt tokens of all requests in flight. */
  promptTokens(replica: number): number;
  /** What is booked of a request in flight. */
  peek(request: SimRequest): Flight | undefined;
  sent(request: SimRequest, flight: Flight): void;
  /** False: it had come before, or the request is not in flight. */
  firstToken(request: SimRequest): boolean;
  /** Also for a lost one. Gives what was booked. */
  end(request: SimRequest): Flight | undefined;
  setServing(replica: number, isServing: boolean): void;
}

/** One request in flight. */
export interface Flight {
  readonly replica: number;
  readonly uncachedTokens: number;
  readonly sentAt: number;
}

interface OpenFlight extends Flight {
  hasFirstToken: boolean;
}

/** An empty book; bounded by the requests in flight. */
export function createFlightBook(facts: readonly ReplicaFacts[]): FlightBook {
  const serving = facts.map(() => true);
  const active = facts.map(() => 0);
  const prefill = facts.map(() => 0);
  const prompts = facts.map(() => 0);
  const flights = new Map<number, OpenFlight>();

  function add(list: number[], replica: number, amount: number): void {
    list[replica] = (list[replica] as number) + amount;
  }

  function firstToken({ id }: SimRequest): boolean {
    const flight = flights.get(id);
    if (flight === undefined || flight.hasFirstToken) return false;
    flight.hasFirstToken = true;
    add(prefill, flight.replica, -flight.uncachedTokens);
    return true;
  }

  return {
    size: facts.length,
    facts,
    isServing: (replica) => serving[replica] as boolean,
    active: (replica) => active[replica] as number,
    prefillTokens: (replica) => prefill[replica] as number,
    promptTokens: (replica) => prompts[replica] as number,
    peek: ({ id }) => flights.get(id),
    sent(request, flight) {
      flights.set(request.id, { ...flight, hasFirstToken: false });
      add(active, flight.replica, 1);
      add(prefill, flight.replica, flight.uncachedTokens);
      add(prompts, flight.replica, request.inputTokens);
    },
    firstToken,
    end(request) {
      firstToken(request);
      const flight = flights.get(request.id);
      if (flight === undefined) return undefined;
      flights.delete(request.id);
      add(active, flight.replica, -1);
      add(prompts, flight.replica, -request.inputTokens);
      return flight;
    },
    setServing(replica, isServing) {
      serving[replica] = isServing;
    },
  };
}
