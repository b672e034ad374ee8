// What one worker has under way at each endpoint, and what came of it since the last look.
import type { Endpoint } from "../worker/endpoint.ts";

/** One endpoint. The first two are counts of now, the rest sums since the last look. */
export interface Pace {
  /** Attempts of model calls in flight, and those of them that have brought content. */
  attempts: number;
  writing: number;
  /** Attempts that wrote during the whole look, their tokens, and the tokens of their contexts. */
  seen: number;
  tokens: number;
  contextTokens: number;
  /** A prompt was being read. */
  wasReading: boolean;
}

/** The book. Bounded by the endpoints that have something in flight. */
export interface PaceBook {
  of(endpoint: Endpoint): Pace;
  /** Shows each and begins anew; what has nothing in flight is forgotten. */
  take(read: (endpoint: Endpoint, pace: Pace) => void): void;
}

/** An empty book. */
export function createPaceBook(): PaceBook {
  const paces = new Map<Endpoint, Pace>();
  return {
    of(endpoint) {
      let pace = paces.get(endpoint);
      if (pace === undefined) {
        pace = { attempts: 0, writing: 0, seen: 0, tokens: 0, contextTokens: 0, wasReading: false };
        paces.set(endpoint, pace);
      }
      return pace;
    },
    take(read) {
      for (const [endpoint, pace] of paces) {
        read(endpoint, pace);
        pace.seen = 0;
        pace.tokens = 0;
        pace.contextTokens = 0;
        pace.wasReading = false;
        if (pace.attempts <= 0) paces.delete(endpoint);
      }
    },
  };
}
