// A batching engine in thirty lines, for the learners: it reads prompts in chunks, decodes one token a step for each request that has a
// place, and lets the others wait. Steps cost base + reading + places + context.
import type { Random } from "@flyball/core";

/** What its steps cost, in milliseconds, and how much it can do. */
export interface SimpleEngineOptions {
  readonly baseMs: number;
  readonly prefillMs: number;
  readonly sequenceMs: number;
  readonly contextMs: number;
  readonly places: number;
  /** Longest step is so many times the usual one. */
  readonly noise: number;
  readonly random: Random;
}

/** One request in it. Amounts are tokens, times milliseconds. */
export interface SimpleRequest {
  readonly prompt: number;
  readonly output: number;
  sentAt: number;
  /** Uncached prompt tokens in flight when it was sent, its own included. */
  uncachedAhead: number;
  unread: number;
  made: number;
}

/** What happened in one step. */
export interface SimpleStep {
  readonly tookMs: number;
  /** Requests that were decoding, and all their context. */
  readonly decoding: number;
  readonly context: number;
  readonly read: number;
  readonly firstTokens: readonly SimpleRequest[];
}

/** The engine; whoever drives it keeps it filled. */
export interface SimpleEngine {
  readonly now: number;
  readonly running: number;
  readonly waiting: number;
  send(prompt: number, output: number): void;
  step(): SimpleStep;
}

const CHUNK_TOKENS = 2048;

/** An idle engine. */
export function createSimpleEngine(options: SimpleEngineOptions): SimpleEngine {
  let now = 0;
  let requests: SimpleRequest[] = [];
  const inPlace = (): SimpleRequest[] => requests.slice(0, options.places);
  return {
    get now() {
      return now;
    },
    get running() {
      return Math.min(options.places, requests.length);
    },
    get waiting() {
      return Math.max(0, requests.length - options.places);
    },
    send(prompt, output) {
      const uncachedAhead = requests.reduce((sum, { unread }) => sum + unread, prompt);
      requests.push({ prompt, output, sentAt: now, uncachedAhead, unread: prompt, made: 0 });
    },
    step() {
      const decoding = inPlace().filter(({ unread }) => unread === 0);
      const context = decoding.reduce((sum, { prompt, made }) => sum + prompt + made, 0);
      let left = CHUNK_TOKENS;
      const firstTokens: SimpleRequest[] = [];
      for (const request of inPlace()) {
        if (request.unread === 0) continue;
        const chunk = Math.min(left, request.unread);
        request.unread -= chunk;
        left -= chunk;
        if (request.unread === 0) firstTokens.push(request);
      }
      const read = CHUNK_TOKENS - left;
      const { baseMs, prefillMs, sequenceMs, contextMs, noise, random } = options;
      const costMs = baseMs + prefillMs * read + sequenceMs * decoding.length + contextMs * context;
      const tookMs = costMs * (1 + noise * random());
      now += tookMs;
      for (const request of [...decoding, ...firstTokens]) request.made += 1;
      requests = requests.filter(({ made, output }) => made < output);
      return { tookMs, decoding: decoding.length, context, read, firstTokens };
    },
  };
}
