// Latencies that were measured one after the other, as sums: what came of them is read when there are enough.

/** One measured latency. */
export interface LatencySample {
  readonly latencyMs: number;
  /** Requests in flight then. */
  readonly inFlight: number;
  /** Tokens that were read and written for it; undefined, of both: not known. */
  readonly promptTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** For so long a place is held without a queue (mean); 0, and absent: as long as the latency. */
  readonly heldMs?: number;
}

/** A window's latency with what it was for: geometric means, as natural logarithms of milliseconds and of tokens plus one. */
export interface SeenLatency {
  readonly latency: number;
  readonly prompt: number;
  readonly output: number;
}

/** What is known of the tokens of a latency, as natural logarithms: how many they are (plus one), and what they make of it (milliseconds). */
export interface ExplainedLatency {
  readonly prompt: number;
  readonly output: number;
  readonly expected: number;
}

/** The sums; plain numbers, changed in place. */
export interface LatencyWindow {
  latency: number;
  prompt: number;
  output: number;
  /** What tokens do not explain of the latency, and its squares. */
  rest: number;
  restSquares: number;
  samples: number;
  mostInFlight: number;
  /** Of the newest sample. */
  heldMs: number;
}

/** An empty one. */
export function createLatencyWindow(): LatencyWindow {
  return { latency: 0, prompt: 0, output: 0, rest: 0, restSquares: 0, samples: 0, mostInFlight: 0, heldMs: 0 };
}

/** Adds a sample with what its tokens make of it. */
export function addToWindow(window: LatencyWindow, sample: LatencySample, explained: ExplainedLatency): void {
  const latency = Math.log(Math.max(0.01, sample.latencyMs));
  const rest = latency - explained.expected;
  window.latency += latency;
  window.prompt += explained.prompt;
  window.output += explained.output;
  window.rest += rest;
  window.restSquares += rest * rest;
  window.samples += 1;
  window.mostInFlight = Math.max(window.mostInFlight, sample.inFlight);
  window.heldMs = sample.heldMs ?? 0;
}

/** What was seen: geometric means, so that one prompt that is a hundred times longer does not make the window. */
export function seenIn({ latency, prompt, output, samples }: LatencyWindow): SeenLatency {
  return { latency: latency / samples, prompt: prompt / samples, output: output / samples };
}

/** Variance of what tokens do not explain. */
export function varianceIn({ rest, restSquares, samples }: LatencyWindow): number {
  return Math.max(0, restSquares / samples - (rest / samples) ** 2);
}
