// Reads the metrics of the app's engines once a second while they have something to do for us, and once more after it. They are never what
// a call is placed by: the gateway knows what it has sent. They tell how much memory an engine has, that requests wait in it or were pushed
// out of it, what others send to it, and whether it takes steps. An engine that never had such a page is asked ever more seldom, whether it
// is busy or not; one that had is asked as before when it does not answer, for that is news. Bounded: one page at a time for each endpoint,
// 1 MiB and one second a page.
import type { CancelTimer, Clock } from "@flyball/core";
import { readEngineFacts, type EngineFacts } from "./engine-facts.ts";

/** Between two looks at an engine. */
export const SCRAPE_EVERY_MS = 1_000;
/** The longest time between two tries at an engine that has none. */
const MOST_SELDOM_MS = 60_000;

/** Fetches a page; rejects when there is none in time. */
export type FetchPage = (url: string) => Promise<string>;

/** An engine that can be asked. */
export interface ScrapeTarget {
  readonly endpoint: string;
  /** `http://127.0.0.1:4001/metrics`. */
  readonly url: string;
}

/** The scraper. */
export interface EngineScraper {
  /** Whom to ask from now on. */
  follow(targets: readonly ScrapeTarget[]): void;
  /** Engines that answered the last time, and all. */
  readonly answering: number;
  readonly size: number;
  stop(): void;
}

/** What it is made with. */
export interface EngineScraperOptions {
  readonly clock: Clock;
  readonly fetchPage: FetchPage;
  /** Whether something is in flight at an endpoint, or waits for it. */
  readonly isBusy: (endpoint: string) => boolean;
  readonly onFacts: (endpoint: string, facts: EngineFacts) => void;
  /** One that has answered before does not, and why. */
  readonly onFailure: (endpoint: string, failure: string) => void;
}

interface Asked {
  url: string;
  isAsking: boolean;
  isAnswering: boolean;
  hasAnswered: boolean;
  wasBusy: boolean;
  failures: number;
  nextAt: number;
}

/** Starts it; the timer runs until `stop`. */
export function createEngineScraper(options: EngineScraperOptions): EngineScraper {
  const { clock, isBusy } = options;
  const engines = new Map<string, Asked>();
  const cancel: CancelTimer = clock.every(SCRAPE_EVERY_MS, () => {
    const now = clock.monotonic();
    for (const [endpoint, engine] of engines) {
      const wasBusy = engine.wasBusy;
      engine.wasBusy = isBusy(endpoint);
      const isDue = engine.hasAnswered ? engine.wasBusy || wasBusy : now >= engine.nextAt;
      if (engine.isAsking || !isDue) continue;
      void ask(options, engine).then((answer) => {
        if (engines.get(endpoint) !== engine) return;
        if (typeof answer !== "string") options.onFacts(endpoint, answer);
        else if (engine.hasAnswered) options.onFailure(endpoint, answer);
      });
    }
  });
  return {
    follow(targets) {
      const wanted = new Map(targets.map(({ endpoint, url }) => [endpoint, url]));
      for (const [endpoint, { url }] of engines) if (wanted.get(endpoint) !== url) engines.delete(endpoint);
      for (const [endpoint, url] of wanted) {
        if (engines.has(endpoint)) continue;
        engines.set(endpoint, {
          url,
          isAsking: false,
          isAnswering: false,
          hasAnswered: false,
          wasBusy: false,
          failures: 0,
          nextAt: 0,
        });
      }
    },
    get answering() {
      return [...engines.values()].filter(({ isAnswering }) => isAnswering).length;
    },
    get size() {
      return engines.size;
    },
    stop: cancel,
  };
}

/** The facts, or why there are none. */
async function ask({ clock, fetchPage }: EngineScraperOptions, engine: Asked): Promise<EngineFacts | string> {
  engine.isAsking = true;
  const answer = await fetchPage(engine.url).then(
    (page) => readEngineFacts(page) ?? "its page is none of an engine",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  engine.isAsking = false;
  engine.isAnswering = typeof answer !== "string";
  engine.hasAnswered ||= engine.isAnswering;
  engine.failures = engine.isAnswering ? 0 : engine.failures + 1;
  const waitMs = Math.min(MOST_SELDOM_MS, SCRAPE_EVERY_MS * 2 ** Math.min(16, engine.failures));
  engine.nextAt = clock.monotonic() + (engine.isAnswering ? 0 : waitMs);
  return answer;
}
