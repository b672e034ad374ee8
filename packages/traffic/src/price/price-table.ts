// The prices that the project knows, as data. List prices for calls that are made one by one (no batch, no priority, no agreed
// discount), in the currency of the address that the provider has in the manifest. A model that is not here has an unknown price; a user
// gives it, or another one, in the manifest. `from` is the day of a price change where one is known, else a day before anybody could call
// the model. Names that providers move from model to model (`mistral-large-latest`) are left out. An entry is never changed when a price changes: a new one with a later date is added.
import type { Currency, LongPromptRates, PeakRates, TokenRates } from "@flyball/core";
import type { ListedPrice } from "./price-entry.ts";

/** Units of the currency for a million tokens, as price lists print them. */
interface Listed {
  readonly input: number;
  readonly output: number;
  /** Absent: as the input. */
  readonly cacheRead?: number;
  readonly cacheWrite5m?: number;
  readonly cacheWrite1h?: number;
  /** Absent: as the output. */
  readonly reasoning?: number;
  readonly outputWithReasoning?: number;
  readonly audioInput?: number;
  readonly audioOutput?: number;
}

interface Row {
  readonly from: string;
  readonly listed: Listed;
  readonly above?: readonly (readonly [inputTokens: number, listed: Listed])[];
  readonly peak?: Omit<PeakRates, "rates"> & { readonly listed: Listed };
}

interface Sheet {
  readonly provider: string;
  readonly currency: Currency;
  readonly source: string;
  readonly checkedOn: string;
}

/** Micro-units; the rounding only takes away what a decimal fraction adds in a double. */
function rates({ input, output, ...listed }: Listed): TokenRates {
  const micro = (units: number): number => Math.round(units * 1_000_000);
  const optional = Object.fromEntries(
    (["audioInput", "audioOutput", "outputWithReasoning"] as const).flatMap((part) => {
      const units = listed[part];
      return units === undefined ? [] : [[part, micro(units)]];
    }),
  );
  return {
    input: micro(input),
    cacheRead: micro(listed.cacheRead ?? input),
    cacheWrite5m: micro(listed.cacheWrite5m ?? input),
    cacheWrite1h: micro(listed.cacheWrite1h ?? listed.cacheWrite5m ?? input),
    imageInput: micro(input),
    output: micro(output),
    reasoning: micro(listed.reasoning ?? output),
    ...optional,
  };
}

function entries(sheet: Sheet, rows: readonly (readonly [model: string, row: Row])[]): readonly ListedPrice[] {
  return rows.map(([model, { from, listed, above, peak }]) => {
    const longPrompt: readonly LongPromptRates[] = (above ?? []).map(([aboveInputTokens, longer]) => ({
      aboveInputTokens,
      rates: rates(longer),
    }));
    const entry = {
      ...sheet,
      id: `${sheet.provider}/${model}@${from}`,
      model,
      validFrom: Date.parse(from),
      rates: rates(listed),
      longPrompt,
    };
    if (peak === undefined) return entry;
    const { minutesUtc, isWeekdaysOnly } = peak;
    return { ...entry, peak: { minutesUtc, isWeekdaysOnly, rates: rates(peak.listed) } };
  });
}

/** Anthropic: a write for five minutes is 1.25 times the input, for an hour twice; a read a tenth unless named. */
function claude(input: number, output: number, readShare = 0.1): Listed {
  return { input, output, cacheRead: input * readShare, cacheWrite5m: input * 1.25, cacheWrite1h: input * 2 };
}

/** OpenAI above 272,000 tokens in: twice the input, one and a half times the output, for the whole call. */
function withLong(from: string, listed: Listed): Row {
  const longer: Listed = { input: listed.input * 2, output: listed.output * 1.5 };
  const read = listed.cacheRead === undefined ? {} : { cacheRead: listed.cacheRead * 2 };
  const write = listed.cacheWrite5m === undefined ? {} : { cacheWrite5m: listed.cacheWrite5m * 2 };
  return { from, listed, above: [[272_000, { ...longer, ...read, ...write }]] };
}

/** Monday to Friday, 01:00–04:00 and 06:00–10:00 UTC, at twice the price of the other hours. */
function withPeak(
  from: string,
  isWeekdaysOnly: boolean,
  listed: Required<Pick<Listed, "input" | "output" | "cacheRead">>,
): Row {
  const { input, output, cacheRead } = listed;
  const minutesUtc = [
    [60, 240],
    [360, 600],
  ] as const;
  return {
    from,
    listed,
    peak: { minutesUtc, isWeekdaysOnly, listed: { input: input * 2, output: output * 2, cacheRead: cacheRead * 2 } },
  };
}

const OPENAI: Sheet = {
  provider: "openai",
  currency: "usd",
  source: "developers.openai.com/api/docs/pricing, by models.dev of 2026-07-02 and price notices up to 2026-09-22",
  checkedOn: "2026-11-23",
};
const ANTHROPIC: Sheet = {
  provider: "anthropic",
  currency: "usd",
  source: "platform.claude.com/docs/en/about-claude/pricing",
  checkedOn: "2026-11-23",
};
const DEEPSEEK: Sheet = {
  provider: "deepseek",
  currency: "usd",
  source: "api-docs.deepseek.com/quick_start/pricing (accounts billed in CNY: give the prices in the manifest)",
  checkedOn: "2026-11-23",
};
const DASHSCOPE: Sheet = {
  provider: "dashscope",
  currency: "cny",
  source:
    "help.aliyun.com/zh/model-studio, China (Beijing), by models.dev of 2026-07-02 and two price guides of 2026-05",
  checkedOn: "2026-11-23",
};
const MOONSHOT: Sheet = {
  provider: "moonshot",
  currency: "cny",
  source: "platform.kimi.com/docs/pricing, by a guide of 2026-07",
  checkedOn: "2026-11-23",
};
const ZHIPU: Sheet = {
  provider: "zhipu",
  currency: "cny",
  source: "help.aliyun.com/zh/model-studio/glm-5-by-zhipu; a lower tier for short prompts is not applied",
  checkedOn: "2026-11-23",
};
const MISTRAL: Sheet = {
  provider: "mistral",
  currency: "usd",
  source: "mistral.ai/pricing, by models.dev of 2026-07-02",
  checkedOn: "2026-11-23",
};
const GROQ: Sheet = {
  provider: "groq",
  currency: "usd",
  source: "groq.com/pricing, by models.dev of 2026-07-02",
  checkedOn: "2026-11-23",
};

/** Every price that the project knows. */
export const PRICE_TABLE: readonly ListedPrice[] = [
  ...entries(OPENAI, [
    ["gpt-4o", { from: "2024-10-02", listed: { input: 2.5, output: 10, cacheRead: 1.25 } }],
    ["gpt-4o-2024-05-13", { from: "2024-05-13", listed: { input: 5, output: 15 } }],
    ["gpt-4o-mini", { from: "2024-07-18", listed: { input: 0.15, output: 0.6, cacheRead: 0.075 } }],
    ["gpt-4.1", { from: "2025-04-14", listed: { input: 2, output: 8, cacheRead: 0.5 } }],
    ["gpt-4.1-mini", { from: "2025-04-14", listed: { input: 0.4, output: 1.6, cacheRead: 0.1 } }],
    ["gpt-4.1-nano", { from: "2025-04-14", listed: { input: 0.1, output: 0.4, cacheRead: 0.025 } }],
    ["o3", { from: "2025-06-10", listed: { input: 2, output: 8, cacheRead: 0.5 } }],
    ["o4-mini", { from: "2025-04-16", listed: { input: 1.1, output: 4.4, cacheRead: 0.275 } }],
    ["gpt-5", { from: "2025-08-07", listed: { input: 1.25, output: 10, cacheRead: 0.125 } }],
    ["gpt-5-mini", { from: "2025-08-07", listed: { input: 0.25, output: 2, cacheRead: 0.025 } }],
    ["gpt-5-nano", { from: "2025-08-07", listed: { input: 0.05, output: 0.4, cacheRead: 0.005 } }],
    ["gpt-5.1", { from: "2025-11-13", listed: { input: 1.25, output: 10, cacheRead: 0.125 } }],
    ["gpt-5.2", { from: "2025-12-11", listed: { input: 1.75, output: 14, cacheRead: 0.175 } }],
    ["gpt-5.4", withLong("2026-03-05", { input: 2.5, output: 15, cacheRead: 0.25 })],
    ["gpt-5.4-mini", { from: "2026-03-17", listed: { input: 0.75, output: 4.5, cacheRead: 0.075 } }],
    ["gpt-5.4-nano", { from: "2026-03-17", listed: { input: 0.2, output: 1.25, cacheRead: 0.02 } }],
    ["gpt-5.5", withLong("2026-04-23", { input: 5, output: 30, cacheRead: 0.5 })],
    ["gpt-5.6-sol", withLong("2026-07-09", { input: 5, output: 30, cacheRead: 0.5 })],
    ["gpt-5.6-terra", withLong("2026-07-09", { input: 2.5, output: 15, cacheRead: 0.25 })],
    ["gpt-5.6-terra", withLong("2026-07-30", { input: 2, output: 12, cacheRead: 0.2 })],
    ["gpt-5.6-luna", withLong("2026-07-09", { input: 1, output: 6, cacheRead: 0.1 })],
    ["gpt-5.6-luna", withLong("2026-07-30", { input: 0.2, output: 1.2, cacheRead: 0.02 })],
    ["gpt-6-sol", withLong("2026-09-22", { input: 2, output: 10, cacheRead: 0.2, cacheWrite5m: 2.5 })],
    ["gpt-6-luna", withLong("2026-09-22", { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite5m: 0.125 })],
    ["text-embedding-3-small", { from: "2024-01-25", listed: { input: 0.02, output: 0 } }],
    ["text-embedding-3-large", { from: "2024-01-25", listed: { input: 0.13, output: 0 } }],
  ]),
  ...entries(ANTHROPIC, [
    [
      "claude-3-haiku",
      {
        from: "2024-03-13",
        listed: { input: 0.25, output: 1.25, cacheRead: 0.03, cacheWrite5m: 0.3, cacheWrite1h: 0.5 },
      },
    ],
    ["claude-3-5-haiku", { from: "2024-12-03", listed: claude(0.8, 4) }],
    ["claude-3-7-sonnet", { from: "2025-02-24", listed: claude(3, 15) }],
    ["claude-sonnet-4*", { from: "2025-05-22", listed: claude(3, 15) }],
    ["claude-opus-4", { from: "2025-05-22", listed: claude(15, 75) }],
    ["claude-opus-4-0", { from: "2025-05-22", listed: claude(15, 75) }],
    ["claude-opus-4-1", { from: "2025-08-05", listed: claude(15, 75) }],
    ["claude-haiku-4-5", { from: "2025-10-15", listed: claude(1, 5) }],
    ["claude-opus-4-5", { from: "2025-11-24", listed: claude(5, 25) }],
    ["claude-opus-4-6", { from: "2026-02-05", listed: claude(5, 25) }],
    ["claude-opus-4-7", { from: "2026-04-16", listed: claude(5, 25) }],
    ["claude-opus-4-8", { from: "2026-05-01", listed: claude(5, 25) }],
    ["claude-fable-5", { from: "2026-06-01", listed: claude(10, 50) }],
    ["claude-fable-5-1", { from: "2026-06-01", listed: claude(10, 50, 0.025) }],
    ["claude-sonnet-5", { from: "2026-06-01", listed: claude(2, 10) }],
    ["claude-opus-5", { from: "2026-06-01", listed: claude(5, 25) }],
  ]),
  ...entries(DEEPSEEK, [
    ["deepseek-v4-flash", { from: "2026-04-24", listed: { input: 0.14, output: 0.28, cacheRead: 0.0028 } }],
    ["deepseek-v4-flash", withPeak("2026-08-16T16:00Z", false, { input: 0.22, output: 0.66, cacheRead: 0.007 })],
    ["deepseek-v4-flash", withPeak("2026-09-10", true, { input: 0.15, output: 0.6, cacheRead: 0.003 })],
    ["deepseek-flash", withPeak("2026-09-10", true, { input: 0.15, output: 0.6, cacheRead: 0.003 })],
    ["deepseek-v4-pro", { from: "2026-04-24", listed: { input: 0.435, output: 0.87, cacheRead: 0.003625 } }],
    ["deepseek-v4-pro", withPeak("2026-08-16T16:00Z", true, { input: 0.66, output: 1.98, cacheRead: 0.022 })],
  ]),
  ...entries(DASHSCOPE, [
    // A cached prompt is a fifth of the input where the provider finds it by itself; that is the dearer of its two cache prices.
    ["qwen-max", { from: "2025-04-01", listed: { input: 2.4, output: 9.6, cacheRead: 0.48 } }],
    [
      "qwen-plus",
      {
        from: "2025-07-28",
        listed: { input: 0.8, output: 2, reasoning: 8, outputWithReasoning: 8, cacheRead: 0.16, cacheWrite5m: 1 },
        above: [
          [
            128_000,
            { input: 2.4, output: 20, reasoning: 24, outputWithReasoning: 24, cacheRead: 0.48, cacheWrite5m: 3 },
          ],
          [
            256_000,
            { input: 4.8, output: 48, reasoning: 64, outputWithReasoning: 64, cacheRead: 0.96, cacheWrite5m: 6 },
          ],
        ],
      },
    ],
    [
      "qwen-flash",
      {
        from: "2025-07-28",
        listed: { input: 0.15, output: 1.5, cacheRead: 0.03, cacheWrite5m: 0.1875 },
        above: [
          [128_000, { input: 0.6, output: 6, cacheRead: 0.12, cacheWrite5m: 0.75 }],
          [256_000, { input: 1.2, output: 12, cacheRead: 0.24, cacheWrite5m: 1.5 }],
        ],
      },
    ],
    [
      "qwen-turbo",
      {
        from: "2025-04-01",
        listed: { input: 0.3, output: 0.6, reasoning: 3, outputWithReasoning: 3, cacheRead: 0.06 },
      },
    ],
    ["qwen-long", { from: "2025-04-01", listed: { input: 0.5, output: 2 } }],
    [
      "qwen3-max",
      {
        from: "2026-01-23",
        listed: { input: 2.5, output: 10, cacheRead: 0.5, cacheWrite5m: 3.125 },
        above: [
          [32_000, { input: 4, output: 16, cacheRead: 0.8, cacheWrite5m: 5 }],
          [128_000, { input: 7, output: 28, cacheRead: 1.4, cacheWrite5m: 8.75 }],
        ],
      },
    ],
    [
      "qwen3.5-plus",
      {
        from: "2026-02-16",
        listed: { input: 0.8, output: 4.8 },
        above: [[128_000, { input: 2, output: 12 }]],
      },
    ],
    ["qwen3.6-plus", { from: "2026-04-01", listed: { input: 2, output: 12 } }],
    ["text-embedding-v4", { from: "2025-06-01", listed: { input: 0.5, output: 0 } }],
  ]),
  ...entries(MOONSHOT, [["kimi-k3", { from: "2026-07-16", listed: { input: 20, output: 100, cacheRead: 2 } }]]),
  ...entries(ZHIPU, [["glm-5", { from: "2026-02-11", listed: { input: 6, output: 22, cacheRead: 1.5 } }]]),
  ...entries(MISTRAL, [
    ["mistral-large-2512", { from: "2025-12-02", listed: { input: 0.5, output: 1.5 } }],
    ["mistral-medium-2508", { from: "2025-08-12", listed: { input: 0.4, output: 2 } }],
    ["mistral-medium-2604", { from: "2026-04-01", listed: { input: 1.5, output: 7.5 } }],
    ["mistral-small-2603", { from: "2026-03-01", listed: { input: 0.15, output: 0.6 } }],
    ["codestral", { from: "2025-07-30", listed: { input: 0.3, output: 0.9 } }],
    ["devstral", { from: "2025-12-09", listed: { input: 0.4, output: 2 } }],
    ["ministral-8b", { from: "2024-10-16", listed: { input: 0.1, output: 0.1 } }],
    ["ministral-3b", { from: "2024-10-16", listed: { input: 0.04, output: 0.04 } }],
    ["mistral-embed", { from: "2024-01-01", listed: { input: 0.1, output: 0 } }],
  ]),
  ...entries(GROQ, [
    ["llama-3.3-70b-versatile", { from: "2024-12-06", listed: { input: 0.59, output: 0.79 } }],
    ["llama-3.1-8b-instant", { from: "2024-07-23", listed: { input: 0.05, output: 0.08 } }],
    ["openai/gpt-oss-120b", { from: "2025-08-05", listed: { input: 0.15, output: 0.6, cacheRead: 0.075 } }],
    ["openai/gpt-oss-20b", { from: "2025-08-05", listed: { input: 0.075, output: 0.3, cacheRead: 0.0375 } }],
    ["qwen/qwen3-32b", { from: "2025-06-01", listed: { input: 0.29, output: 0.59 } }],
    ["meta-llama/llama-4-scout-17b-16e-instruct", { from: "2025-04-05", listed: { input: 0.11, output: 0.34 } }],
  ]),
];
