// Looks at the running attempts of model calls four times a second: how far each is and how fast each endpoint writes. So nothing is done for
// a chunk. The ledger counts the bytes that are delivered anyway; a look makes tokens of them.
import type { CancelTimer, Clock } from "@flyball/core";
import type { AttemptAccount } from "../ledger/call-account.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import { MAX_FIRST_TOKENS, type FirstTokenSample, type GapSample, type TimingSamples } from "./endpoint-sample.ts";
import { createPaceBook, type PaceBook } from "./pace-book.ts";
import type { TokenScales } from "./token-scales.ts";

/** Between two looks. */
export const LOOK_EVERY_MS = 250;

/** What is known when an attempt is sent. */
export interface AttemptFacts {
  readonly endpoint: Endpoint;
  /** undefined: nothing counts its bytes, so it is not looked at. */
  readonly account: AttemptAccount | undefined;
  readonly model: string;
  readonly inputTokens: number;
  /** Prompt tokens in flight at the endpoint that were not in its cache, as far as was known, its own included; and its own alone. */
  readonly uncachedTokens: number;
  readonly ownUncachedTokens: number;
  /** The answer comes as events. */
  readonly isStream: boolean;
  /** One of the app's own endpoints: of others no speed is learned. */
  readonly isOwn: boolean;
  /** Whoever watches the progress finds its own here. */
  readonly tag: unknown;
}

/** An attempt that runs. Times are monotonic milliseconds. */
export interface WatchedAttempt extends AttemptFacts {
  readonly sentAt: number;
  /** When its first content came, of an answer in one piece when it was sent; −1: none yet. */
  firstAt: number;
  /** Of content, at the last look; −1 before the first one after its first content. */
  bytesSeen: number;
  /** Waits for what its endpoint says of cached tokens. */
  firstToken: FirstTokenSample | undefined;
  isOver: boolean;
}

/** What an endpoint said of a prompt, tokens. */
export interface ReportedPrompt {
  readonly inputTokens: number;
  readonly cachedTokens: number;
}

/** Told how many tokens an attempt has brought so far, or in all once it is over. */
export type OnProgress = (tag: unknown, deliveredTokens: number, isOver: boolean) => void;

/** The watch of one worker. Bounded by the requests in flight. */
export interface CallWatch {
  start(facts: AttemptFacts): WatchedAttempt;
  /** Its first content came. A second call does nothing. */
  firstContent(attempt: WatchedAttempt): void;
  /** It is over, with so many tokens and such a prompt where that is known. A second call does nothing. */
  end(attempt: WatchedAttempt, outputTokens: number | undefined, prompt?: ReportedPrompt): void;
  /** Called for each attempt that moved, at each look and at its end. */
  onProgress: OnProgress | undefined;
  readonly size: number;
  stop(): void;
}

/** What a watch is made with. */
export interface CallWatchOptions {
  readonly clock: Clock;
  readonly scales: TokenScales;
  /** Requests in flight at an endpoint, of all workers. */
  readonly activeAt: (endpoint: Endpoint) => number;
  /** Takes the samples of a look; not called when there are none. */
  readonly send: (samples: TimingSamples) => void;
}

interface Watching extends CallWatchOptions {
  readonly attempts: Set<WatchedAttempt>;
  readonly paces: PaceBook;
  firstTokens: FirstTokenSample[];
  /** Endpoints that tell of cached tokens: how much of a prompt had to be read is known with its answer's end, and not before. */
  readonly tellers: WeakSet<Endpoint>;
  lookedAt: number;
  watch: CallWatch;
}

/** Starts to watch; the timer runs until `stop`. */
export function createCallWatch(options: CallWatchOptions): CallWatch {
  const { clock } = options;
  const attempts = new Set<WatchedAttempt>();
  let stopTimer: CancelTimer | undefined;
  const watch: CallWatch = {
    onProgress: undefined,
    start: (facts) => start(watching, facts),
    firstContent: (attempt) => firstContent(watching, attempt),
    end: (attempt, outputTokens, prompt) => end(watching, attempt, outputTokens, prompt),
    get size() {
      return attempts.size;
    },
    stop() {
      stopTimer?.();
      stopTimer = undefined;
    },
  };
  const paces = createPaceBook();
  const watching: Watching = {
    ...options,
    attempts,
    paces,
    firstTokens: [],
    tellers: new WeakSet(),
    lookedAt: clock.monotonic(),
    watch,
  };
  stopTimer = clock.every(LOOK_EVERY_MS, () => look(watching));
  return watch;
}

function start({ clock, attempts, paces }: Watching, facts: AttemptFacts): WatchedAttempt {
  const sentAt = clock.monotonic();
  // When an answer that comes in one piece was begun nobody sees: it counts as being written.
  const firstAt = facts.isStream ? -1 : sentAt;
  // Named one by one: one object of one form, where a spread makes a copy and lets it grow.
  const attempt: WatchedAttempt = {
    endpoint: facts.endpoint,
    account: facts.account,
    model: facts.model,
    inputTokens: facts.inputTokens,
    uncachedTokens: facts.uncachedTokens,
    ownUncachedTokens: facts.ownUncachedTokens,
    isStream: facts.isStream,
    isOwn: facts.isOwn,
    tag: facts.tag,
    sentAt,
    firstAt,
    bytesSeen: -1,
    firstToken: undefined,
    isOver: false,
  };
  if (facts.account === undefined) return attempt;
  attempts.add(attempt);
  if (!facts.isOwn) return attempt;
  const pace = paces.of(facts.endpoint);
  pace.attempts += 1;
  pace.wasReading = true;
  if (!facts.isStream) pace.writing += 1;
  return attempt;
}

function firstContent(watching: Watching, attempt: WatchedAttempt): void {
  if (attempt.firstAt >= 0 || attempt.isOver) return;
  const { clock, tellers, paces, activeAt } = watching;
  const { endpoint, isOwn, sentAt, uncachedTokens } = attempt;
  attempt.firstAt = clock.monotonic();
  if (!isOwn || attempt.account === undefined) return;
  const pace = paces.of(endpoint);
  pace.wasReading = true;
  pace.writing += 1;
  const active = Math.max(1, activeAt(endpoint));
  const sample = {
    endpoint: endpoint.id,
    ttftMs: attempt.firstAt - sentAt,
    uncachedTokens,
    running: shareOf(active, pace.writing, pace.attempts),
    active,
  };
  if (tellers.has(endpoint)) attempt.firstToken = sample;
  else addFirstToken(watching, sample);
}

function addFirstToken({ firstTokens }: Watching, sample: FirstTokenSample): void {
  if (firstTokens.length < MAX_FIRST_TOKENS) firstTokens.push(sample);
}

/** What had to be read is known now; of one that ends without a word on it nothing is learned. */
function tellFirstToken(watching: Watching, attempt: WatchedAttempt, prompt: ReportedPrompt | undefined): void {
  const { endpoint, firstToken, ownUncachedTokens } = attempt;
  if (prompt === undefined) return;
  if (prompt.cachedTokens > 0) watching.tellers.add(endpoint);
  if (firstToken === undefined) return;
  const own = Math.max(0, prompt.inputTokens - prompt.cachedTokens);
  const uncachedTokens = Math.max(1, firstToken.uncachedTokens - ownUncachedTokens + own);
  addFirstToken(watching, { ...firstToken, uncachedTokens });
}

function end(
  watching: Watching,
  attempt: WatchedAttempt,
  tokens: number | undefined,
  prompt: ReportedPrompt | undefined,
): void {
  const { attempts, paces, scales, watch } = watching;
  if (attempt.isOver) return;
  attempt.isOver = true;
  tellFirstToken(watching, attempt, prompt);
  const { account, endpoint, isOwn, model, tag } = attempt;
  if (account === undefined) return;
  attempts.delete(attempt);
  if (isOwn) {
    const pace = paces.of(endpoint);
    pace.attempts -= 1;
    if (attempt.firstAt >= 0) pace.writing -= 1;
  }
  watch.onProgress?.(tag, tokens ?? Math.round(scales.outputTokens(model, account.contentBytes)), true);
}

function look(watching: Watching): void {
  const { clock, attempts, paces, scales, watch, activeAt } = watching;
  const now = clock.monotonic();
  const sinceMs = now - watching.lookedAt;
  watching.lookedAt = now;
  if (sinceMs <= 0) return;
  for (const attempt of attempts) {
    const { account, model, firstAt, bytesSeen, isStream, isOwn } = attempt;
    if (firstAt < 0 || account === undefined) {
      if (isOwn) paces.of(attempt.endpoint).wasReading = true;
      continue;
    }
    const bytes = account.contentBytes;
    attempt.bytesSeen = bytes;
    if (bytes === bytesSeen) continue;
    const tokens = scales.outputTokens(model, bytes);
    if (bytes > 0) watch.onProgress?.(attempt.tag, Math.round(tokens), false);
    // Only what was written during the whole look tells how fast that is.
    if (!isOwn || !isStream || bytesSeen < 0) continue;
    const pace = paces.of(attempt.endpoint);
    pace.seen += 1;
    pace.tokens += scales.outputTokens(model, bytes - bytesSeen);
    pace.contextTokens += attempt.inputTokens + tokens;
  }
  const gaps: GapSample[] = [];
  paces.take((endpoint, pace) => {
    if (pace.seen === 0 || pace.tokens < 1) return;
    const active = Math.max(1, activeAt(endpoint), pace.attempts);
    const running = shareOf(active, pace.writing, pace.attempts);
    gaps.push({
      endpoint: endpoint.id,
      itlMs: (sinceMs * pace.seen) / pace.tokens,
      gaps: pace.tokens,
      running,
      active,
      contextTokens: (pace.contextTokens * running) / pace.seen,
      isReading: pace.wasReading,
    });
  });
  const { firstTokens } = watching;
  if (gaps.length + firstTokens.length === 0) return;
  watching.firstTokens = [];
  watching.send({ gaps, firstTokens });
}

/** Of all at an endpoint, as many as of the own ones. */
function shareOf(active: number, part: number, own: number): number {
  return own <= 0 ? 1 : Math.max(1, Math.min(active, (active * part) / own));
}
