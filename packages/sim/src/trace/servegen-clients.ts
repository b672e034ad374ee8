// ServeGen's own form: not requests but clients, each with its rate and burstiness over time and quantiles of its lengths in windows of six
// hours. Requests are drawn from it: arrivals as a renewal process with gamma gaps, lengths from the quantiles, input and output
// independently, as the source does it.
import type { Random } from "@flyball/core";
import { createSeededRandom, deriveSeed } from "../random/seeded-random.ts";
import { drawFromQuantiles, drawGamma } from "../random/draw.ts";
import { createTraceBuilder, type TraceBuilder } from "./trace-builder.ts";
import type { Trace } from "./trace-request.ts";

/** One client: its rate by time, its lengths by window. Times in seconds. */
interface ServegenClient {
  readonly trace_t_rate_cv: readonly (readonly [at: number, ratePerSecond: number, cv: number])[];
  readonly windows: Readonly<
    Record<string, { readonly input_tokens: readonly number[]; readonly output_tokens: readonly number[] }>
  >;
}

/** A file of clients. */
export interface ServegenFile {
  readonly name: string;
  readonly model: string;
  readonly clients: Readonly<Record<string, ServegenClient>>;
  /** Starts of the windows, seconds. */
  readonly windows: readonly number[];
}

/** Which part is drawn. */
export interface ServegenDraw {
  readonly seed: number;
  /** Seconds in the time of the file. */
  readonly fromS: number;
  readonly toS: number;
  /** Of every client's rate. */
  readonly rateFactor: number;
}

/** Reads the file; a text says what is wrong with it. */
export function parseServegenFile(name: string, text: string): ServegenFile | string {
  let value: Partial<ServegenFile>;
  try {
    value = JSON.parse(text) as Partial<ServegenFile>;
  } catch {
    return `${name}:1: not JSON`;
  }
  if (typeof value.clients !== "object" || !Array.isArray(value.windows)) return `${name}:1: no clients and windows`;
  return { name, model: value.model ?? "", clients: value.clients, windows: value.windows };
}

/** Draws requests. Rows that come out with no tokens are dropped by name, as in every trace. */
export function drawServegenTrace(file: ServegenFile, draw: ServegenDraw): Trace {
  const builder = createTraceBuilder(file.name);
  for (const [client, { trace_t_rate_cv: rates, windows }] of Object.entries(file.clients)) {
    const random = createSeededRandom(deriveSeed(draw.seed, `client ${client}`));
    for (const atS of drawArrivals(random, rates, draw)) {
      const start = file.windows.findLast((from) => from <= atS && windows[from] !== undefined);
      const lengths = start === undefined ? undefined : windows[start];
      if (lengths !== undefined) addDrawn(builder, { atS, client, model: file.model, lengths, random });
    }
  }
  return builder.build();
}

function addDrawn(
  builder: TraceBuilder,
  row: {
    readonly atS: number;
    readonly client: string;
    readonly model: string;
    readonly lengths: { readonly input_tokens: readonly number[]; readonly output_tokens: readonly number[] };
    readonly random: Random;
  },
): void {
  const { atS, client, model, lengths, random } = row;
  const inputTokens = Math.round(drawFromQuantiles(random, lengths.input_tokens));
  const outputTokens = Math.round(drawFromQuantiles(random, lengths.output_tokens));
  builder.add(0, { atMs: atS * 1_000, inputTokens, outputTokens, client, model });
}

/**
 * A renewal process in operational time: gaps are gamma with mean 1 and the cv of the moment, and the rate says how fast operational time
 * runs. So a client with rate 0 for an hour does not keep its last gap waiting for an hour more.
 */
function* drawArrivals(
  random: Random,
  rates: ServegenClient["trace_t_rate_cv"],
  { fromS, toS, rateFactor }: ServegenDraw,
): Generator<number> {
  // The first gap is cut at a random place, else every bursty client would begin with a request.
  let left = Number.NaN;
  for (const [index, [at, rate, cv]] of rates.entries()) {
    const until = Math.min(rates[index + 1]?.[0] ?? at + SPAN_OF_LAST_S, at + SPAN_OF_LAST_S, toS);
    let now = Math.max(at, fromS);
    const perSecond = rate * rateFactor;
    if (until <= now || perSecond <= 0) continue;
    if (Number.isNaN(left)) left = drawGap(random, cv) * random();
    while (now + left / perSecond < until) {
      now += left / perSecond;
      yield now;
      left = drawGap(random, cv);
    }
    left -= (until - now) * perSecond;
  }
}

/** A rate stands for ten minutes; a gap in the list is a time without requests. */
const SPAN_OF_LAST_S = 600;

function drawGap(random: Random, cv: number): number {
  const shape = 1 / Math.max(cv, 0.05) ** 2;
  return drawGamma(random, shape) / shape;
}
