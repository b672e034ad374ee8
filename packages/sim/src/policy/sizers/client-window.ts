// The simplest predictor that knows clients: quantiles of each one's last answers. An ablation: what the hierarchy adds to it.
import type { SimRequest } from "../../trace/trace-request.ts";
import type { CreateSizer, SizeEstimate } from "./sizer.ts";

/** Answers kept of each client; older ones are written over. */
const WINDOW = 64;
/** Below so many answers a client is taken as everybody. */
const ENOUGH = 5;
/** Clients kept; the ones beyond are taken as everybody. */
const MAX_CLIENTS = 10_000;

interface Window {
  readonly lengths: number[];
  next: number;
  estimate: SizeEstimate | undefined;
}

/** Quantiles of the client's last 64 answers, of everybody's where it has fewer than 5. */
export const createClientWindowSizer: CreateSizer = (world) => {
  const clients = new Map<string, Window>();
  const everybody: Window = { lengths: [], next: 0, estimate: undefined };

  function learnInto(window: Window, outputTokens: number): void {
    window.lengths[window.next] = outputTokens;
    window.next = (window.next + 1) % WINDOW;
    window.estimate = undefined;
  }

  function learn({ client }: SimRequest, outputTokens: number): void {
    learnInto(everybody, outputTokens);
    let window = clients.get(client);
    if (window === undefined) {
      if (clients.size >= MAX_CLIENTS) return;
      window = { lengths: [], next: 0, estimate: undefined };
      clients.set(client, window);
    }
    learnInto(window, outputTokens);
  }

  for (const request of world.history) learn(request, request.outputTokens);
  return {
    learn,
    estimate({ client }) {
      const own = clients.get(client);
      const window = own !== undefined && own.lengths.length >= ENOUGH ? own : everybody;
      return (window.estimate ??= estimateOf(window.lengths));
    },
  };
};

/** What is said of the first requests of all. */
const UNKNOWN: readonly number[] = [16, 32, 64, 128, 256, 512, 1_024, 2_048];
/** An answer longer than any that was seen goes on by about this part of its length. */
const BEYOND_SHARE = 0.3;

function estimateOf(lengths: readonly number[]): SizeEstimate {
  const sorted = (lengths.length === 0 ? UNKNOWN : lengths).toSorted((a, b) => a - b);
  const longerThan = (tokens: number): number => sorted.length - firstAbove(sorted, tokens);
  return {
    p50: sorted[sorted.length >> 1] as number,
    mean: sorted.reduce((total, length) => total + length, 0) / sorted.length,
    shareBeyond(from, to) {
      const left = longerThan(from);
      if (left > 0) return longerThan(to) / left;
      return Math.exp((from - to) / (BEYOND_SHARE * from + 1));
    },
  };
}

function firstAbove(sorted: readonly number[], tokens: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= tokens) low = middle + 1;
    else high = middle;
  }
  return low;
}
