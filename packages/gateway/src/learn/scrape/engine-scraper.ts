// Reads the metrics of the app's engines once a second. They are never what is decided by: the gateway knows what it has sent. They tell how
// much memory an engine has, that requests wait in it or were pushed out of it, and what others send to it. An engine without such a page is
// asked ever more seldom. Bounded: one page at a time for each endpoint, 1 MiB and one second a page.
import type { CancelTimer, Clock } from "@flyball/core";
import { readEngineFacts, type EngineFacts } from "./engine-facts.ts";

/** Between two looks at an engine. */
export const SCRAPE_EVERY_MS = 1_000;
/** The longest time between two tries at an engine that has none, or does not answer. */
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
  readonly onFacts: (endpoint: string, facts: EngineFacts) => void;
}

interface Asked {
  url: string;
  isAsking: boolean;
  isAnswering: boolean;
  failures: number;
  nextAt: number;
}

/** Starts it; the timer runs until `stop`. */
export function createEngineScraper({ clock, fetchPage, onFacts }: EngineScraperOptions): EngineScraper {
  const engines = new Map<string, Asked>();
  const ask = async (endpoint: string, engine: Asked): Promise<void> => {
    engine.isAsking = true;
    let facts: EngineFacts | undefined;
    try {
      facts = readEngineFacts(await fetchPage(engine.url));
    } catch {
      facts = undefined;
    }
    engine.isAsking = false;
    engine.isAnswering = facts !== undefined;
    engine.failures = facts === undefined ? engine.failures + 1 : 0;
    const waitMs = Math.min(MOST_SELDOM_MS, SCRAPE_EVERY_MS * 2 ** Math.min(16, engine.failures));
    engine.nextAt = clock.monotonic() + (facts === undefined ? waitMs : 0);
    if (facts !== undefined && engines.get(endpoint) === engine) onFacts(endpoint, facts);
  };
  const cancel: CancelTimer = clock.every(SCRAPE_EVERY_MS, () => {
    const now = clock.monotonic();
    for (const [endpoint, engine] of engines) {
      if (!engine.isAsking && now >= engine.nextAt) void ask(endpoint, engine);
    }
  });
  return {
    follow(targets) {
      const wanted = new Map(targets.map(({ endpoint, url }) => [endpoint, url]));
      for (const [endpoint, { url }] of engines) if (wanted.get(endpoint) !== url) engines.delete(endpoint);
      for (const [endpoint, url] of wanted) {
        if (engines.has(endpoint)) continue;
        engines.set(endpoint, { url, isAsking: false, isAnswering: false, failures: 0, nextAt: 0 });
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
