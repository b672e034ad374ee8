// The traces as lists of answers with what was known of their requests. Read where they are, never copied.
import { seededRandom } from "@flyball/fakes";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** One request and its answer. Times in seconds. */
export interface TracedAnswer {
  readonly at: number;
  /** "" where the trace tells nobody. */
  readonly client: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What the source knows of the client: its mean output of the six hours before. NaN where it says nothing. */
  readonly earlierMean: number;
}

/** A trace in the order of arrival. */
export interface AnswerTrace {
  readonly name: string;
  readonly answers: readonly TracedAnswer[];
  /** Answers before this one are history: learned from, not judged. */
  readonly firstJudged: number;
}

/** Share of a trace that is history where it has no such part itself. */
const HISTORY = 0.25;
/** Share of the requests of the largest trace that is drawn. */
const THINNING = 0.001;

const FILES: readonly (readonly [file: string, read: (text: string) => AnswerTrace])[] = [
  [
    "servegen_r1_1h_4rps.csv.gz",
    (text) =>
      fromRows("ServeGen r1", text, ([at, client, input, output, earlier]) =>
        answer(Number(at), client ?? "", Number(input), Number(output), Number(earlier)),
      ),
  ],
  ["servegen_m-small_busiest_day.json.gz", fromClients],
  [
    "azure_llm_2023_conv.csv.gz",
    (text) =>
      fromRows("Azure conv", text, ([at, input, output]) =>
        answer(Date.parse(`${at?.slice(0, 23).replace(" ", "T")}Z`) / 1000, "", Number(input), Number(output)),
      ),
  ],
  ["mooncake_fast25_conversation.jsonl.gz", (text) => fromLines("Mooncake", text)],
];

/** The traces of the folder, and the files that it does not have. */
export function readTraces(folder: string): {
  readonly traces: readonly AnswerTrace[];
  readonly missing: readonly string[];
} {
  const isThere = (file: string): boolean => existsSync(join(folder, file));
  return {
    traces: FILES.flatMap(([file, read]) =>
      isThere(file) ? [read(gunzipSync(readFileSync(join(folder, file))).toString())] : [],
    ),
    missing: FILES.map(([file]) => file).filter((file) => !isThere(file)),
  };
}

function answer(
  at: number,
  client: string,
  inputTokens: number,
  outputTokens: number,
  earlierMean = Number.NaN,
): TracedAnswer {
  return { at, client, inputTokens, outputTokens, earlierMean };
}

function fromRows(name: string, text: string, parse: (cells: readonly string[]) => TracedAnswer): AnswerTrace {
  const answers = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => parse(line.trim().split(",")))
    .filter(({ outputTokens }) => outputTokens > 0);
  return { name, answers, firstJudged: Math.floor(answers.length * HISTORY) };
}

function fromLines(name: string, text: string): AnswerTrace {
  const answers = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { timestamp: number; input_length: number; output_length: number })
    .map((row) => answer(row.timestamp / 1000, "", row.input_length, row.output_length));
  return { name, answers, firstJudged: Math.floor(answers.length * HISTORY) };
}

interface ClientFile {
  readonly windows: readonly number[];
  readonly clients: Readonly<
    Record<
      string,
      {
        readonly trace_t_rate_cv: readonly (readonly [number, number, number])[];
        readonly windows: Readonly<
          Record<string, { readonly input_tokens: readonly number[]; readonly output_tokens: readonly number[] }>
        >;
      }
    >
  >;
}

/** Draws requests of every client: evenly in each ten minutes, lengths from the quantiles of the window. The first window is history. */
function fromClients(text: string): AnswerTrace {
  const file = JSON.parse(text) as ClientFile;
  const random = seededRandom(1);
  const answers: TracedAnswer[] = [];
  for (const [client, { trace_t_rate_cv: rates, windows }] of Object.entries(file.clients)) {
    const starts = Object.keys(windows).map(Number);
    for (const [from, rate] of rates) {
      const start = starts.findLast((at) => at <= from);
      const lengths = start === undefined ? undefined : windows[start];
      if (lengths === undefined) continue;
      const before = starts.findLast((at) => at < (start ?? 0));
      const earlier = before === undefined ? Number.NaN : meanOf(windows[before]?.output_tokens ?? []);
      for (let left = rate * 600 * THINNING - random(); left > 0; left -= 1) {
        const input = Math.round(draw(lengths.input_tokens, random()));
        const output = Math.round(draw(lengths.output_tokens, random()));
        answers.push(answer(from + 600 * random(), client, input, Math.max(1, output), earlier));
      }
    }
  }
  answers.sort((a, b) => a.at - b.at);
  const judgedFrom = file.windows.toSorted((a, b) => a - b)[1] ?? Number.POSITIVE_INFINITY;
  return { name: "ServeGen m-small", answers, firstJudged: answers.findIndex(({ at }) => at >= judgedFrom) };
}

function draw(quantiles: readonly number[], share: number): number {
  const place = share * (quantiles.length - 1);
  const low = quantiles[Math.floor(place)] ?? 0;
  const high = quantiles[Math.ceil(place)] ?? low;
  return low + (place - Math.floor(place)) * (high - low);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
