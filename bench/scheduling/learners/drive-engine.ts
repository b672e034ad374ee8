// One engine of the engine model behind a queue that keeps to a cap, to two chunks of prompts being read and to its memory, as Flyball's own
// does; what a gateway sees of it (dispatches, tokens, scrapes) is told to whoever learns.
import { seededRandom } from "@flyball/fakes";
import { createBatch, type EngineProfile, type Sequence } from "@flyball/engine-model";

/** What a gateway sees. Times in milliseconds of the replay. */
export interface EngineWatcher {
  /** Requests that may be in flight now. */
  cap(): number;
  /** A step is over in which `running` requests with `contextTokens` among them gained a token; `isReading`: prompts were read too. */
  gap(
    gap: { itlMs: number; running: number; contextTokens: number; active: number; isReading: boolean },
    now: number,
  ): void;
  firstToken(first: { ttftMs: number; uncachedTokens: number; running: number; active: number }, now: number): void;
  finished(promptTokens: number, outputTokens: number): void;
  scraped(scrape: { waiting: number; running: number; preemptions: number }, now: number): void;
}

/** How the engine is driven. */
export interface DriveOptions {
  readonly profile: EngineProfile;
  /** Requests a second; infinite: there is always one more. */
  readonly ratePerSecond: number;
  readonly untilMs: number;
  readonly scrapeMs: number;
}

/** What came of it. */
export interface DriveResult {
  readonly busyMs: number;
  readonly tokens: number;
  readonly steps: number;
  readonly preemptions: number;
}

interface Flight {
  readonly sequence: Sequence;
  readonly sentAt: number;
  readonly uncachedTokens: number;
}

/** Runs it. Prompts and answers are log-normal: medians 400 and 150 tokens. */
export function driveEngine(
  { profile, ratePerSecond, untilMs, scrapeMs }: DriveOptions,
  watcher: EngineWatcher,
): DriveResult {
  const random = seededRandom(1);
  const batch = createBatch(profile, { random: seededRandom(2) });
  const flights = new Map<Sequence, Flight>();
  const queue: { prompt: number; output: number }[] = [];
  const longest = Math.floor(profile.kvCapacityTokens / 8);
  const draw = (median: number, spread: number): number => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(longest, Math.max(1, Math.round(median * Math.exp(spread * normal))));
  };
  let now = 0;
  let nextArrival = 0;
  let nextScrape = 0;
  let reading = 0;
  let reserved = 0;
  let running = 0;
  let context = 0;
  let busyMs = 0;
  let tokens = 0;

  function arrive(): void {
    while (nextArrival <= now && queue.length < 10) {
      queue.push({ prompt: draw(400, 1.1), output: draw(150, 1) });
      if (ratePerSecond < Number.POSITIVE_INFINITY) nextArrival -= (Math.log(1 - random()) * 1000) / ratePerSecond;
    }
    nextArrival = Math.max(nextArrival, ratePerSecond < Number.POSITIVE_INFINITY ? 0 : now);
  }

  function send(): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const fits = reserved + next.prompt + next.output <= 0.95 * profile.kvCapacityTokens;
      const isReadable = reading === 0 || reading + next.prompt <= 2 * profile.maxTokensPerStep;
      if (!fits || !isReadable || batch.running + batch.waiting >= watcher.cap()) return;
      queue.shift();
      const sequence = batch.add({ id: flights.size, promptTokens: next.prompt, outputTokens: next.output });
      if (sequence === undefined) continue;
      reading += next.prompt;
      reserved += next.prompt + next.output;
      flights.set(sequence, { sequence, sentAt: now, uncachedTokens: reading });
    }
  }

  function step(): boolean {
    const isReading = reading > 0;
    const decoding = running;
    const contextTokens = context;
    const itlMs = batch.beginStep();
    if (itlMs === undefined) return false;
    now += itlMs;
    busyMs += itlMs;
    tokens += decoding;
    const { first, finished } = batch.endStep();
    const active = batch.running + batch.waiting;
    context += decoding;
    if (decoding > 0)
      watcher.gap({ itlMs, running: decoding, contextTokens, active: Math.max(active, decoding), isReading }, now);
    for (const sequence of first) {
      const flight = flights.get(sequence);
      if (flight === undefined) continue;
      reading -= sequence.promptTokens;
      running += 1;
      context += sequence.promptTokens + 1;
      const ttftMs = now - flight.sentAt + profile.requestOverheadMs;
      watcher.firstToken(
        { ttftMs, uncachedTokens: flight.uncachedTokens, running, active: Math.max(active, running) },
        now,
      );
    }
    for (const sequence of finished) {
      flights.delete(sequence);
      running -= 1;
      context -= sequence.promptTokens + sequence.outputTokens;
      reserved -= sequence.promptTokens + sequence.outputTokens;
      watcher.finished(sequence.promptTokens, sequence.outputTokens);
    }
    return true;
  }

  while (now < untilMs) {
    arrive();
    send();
    if (!step()) now = Math.max(now + 1, nextArrival);
    if (scrapeMs > 0 && now >= nextScrape) {
      watcher.scraped({ waiting: batch.waiting, running: batch.running, preemptions: batch.preemptions }, now);
      nextScrape = now + scrapeMs;
    }
  }
  return { busyMs, tokens, steps: batch.steps, preemptions: batch.preemptions };
}
