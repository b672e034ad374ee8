// What providers ask for tokens, in the words of their price lists. The project has a table of its own; what stands here comes before it.
import { z } from "zod";
import { described, section, worded } from "./described.ts";
import { choice, listOf, mapOf, name, nonEmpty, wholeNumber } from "./scalars.ts";

const AMOUNT =
  "expected an amount of money for a million tokens, like 0.25: digits, at most six of them after the point";
const DAY = "expected a day like 2026-01-31";

/** A decimal as it was written: no double ever holds money. The loader hands numbers over as text (load/as-text.ts). */
const amount = worded(
  z.union([z.string({ error: AMOUNT }).regex(/^\d{1,7}(?:\.\d{1,6})?$/, { error: AMOUNT }), z.number().nonnegative()], {
    error: AMOUNT,
  }),
  { english: "amount", chinese: "金额" },
);

/** Every amount, by its key. */
export const priceAmounts = {
  input: described(amount, "A million tokens of the prompt.", "每百万个提示 token。"),
  cached_input: described(
    amount.optional(),
    "Those read from the provider's cache. Default: input.",
    "从提供商缓存读取的部分。默认等于 input。",
  ),
  cache_write: described(amount.optional(), "Those written to it. Default: input.", "写入缓存的部分。默认等于 input。"),
  cache_write_1h: described(
    amount.optional(),
    "Those written to it for an hour. Default: cache_write.",
    "写入缓存并保留一小时的部分。默认等于 cache_write。",
  ),
  image_input: described(amount.optional(), "Those of images. Default: input.", "图像部分。默认等于 input。"),
  audio_input: described(amount.optional(), "Those of audio. Default: unknown.", "音频部分。默认未知。"),
  output: described(
    amount,
    "A million tokens of the answer; 0 where there are none, as for embeddings.",
    "每百万个回答 token；没有输出时（例如向量模型）写 0。",
  ),
  reasoning: described(amount.optional(), "Those of reasoning. Default: output.", "推理部分。默认等于 output。"),
  output_with_reasoning: described(
    amount.optional(),
    "Those of the visible answer of a call that reasoned. Default: output.",
    "进行了推理的调用中可见回答的部分。默认等于 output。",
  ),
  audio_output: described(amount.optional(), "Those of audio. Default: unknown.", "音频部分。默认未知。"),
};

const longPrompt = section(
  "long-prompt",
  {
    above: described(
      wholeNumber(1, 100_000_000),
      "Tokens of the prompt, cached ones included, beyond which these amounts hold for the whole call.",
      "提示的 token 数（含缓存部分）超过该值时，整个调用按这些金额计费。",
    ),
    ...priceAmounts,
  },
  { english: "Other amounts for calls with a long prompt.", chinese: "长提示调用的另一组金额。" },
);

const SPAN = "expected a span of the day in UTC like 16:30-00:30";

const peak = section(
  "peak-price",
  {
    hours_utc: described(
      listOf(
        worded(
          z.string({ error: SPAN }).regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: SPAN }),
          { english: "span of the day", chinese: "一天中的时段" },
        ),
        "expected a list of spans like [01:00-04:00]",
      ).min(1, { error: "expected a list of spans like [01:00-04:00]" }),
      "Spans of the day in UTC at which these amounts hold; the end is not inside, and a span may go over midnight.",
      "按这些金额计费的时段（UTC），不含结束时刻，可以跨越午夜。",
    ),
    weekdays_only: described(
      z.boolean().optional(),
      "Monday to Friday in UTC only; what goes over midnight counts by its own day. Default: every day.",
      "仅周一至周五（UTC）；跨越午夜的部分按各自的日期判定。默认每天。",
    ),
    ...priceAmounts,
  },
  {
    english: "Other amounts at certain hours, dearer or cheaper. Calls with a long prompt have theirs at every hour.",
    chinese: "某些时段的另一组金额，可以更贵或更便宜。长提示调用在任何时段都按 long_prompt 计费。",
  },
);

const price = section(
  "price",
  {
    currency: described(choice(["usd", "cny"]), "Currency of the amounts.", "金额的货币。"),
    from: described(
      z
        .string({ error: DAY })
        .regex(/^\d{4}-\d{2}-\d{2}$/, { error: DAY })
        .optional(),
      "Day, in UTC, from which it is asked; before it the table's price stands. Default: always.",
      "生效日期（UTC）；此前按内置价格表计费。默认一直有效。",
    ),
    ...priceAmounts,
    long_prompt: described(
      listOf(longPrompt, "expected a list of { above, input, output, … }").optional(),
      "Amounts for long prompts.",
      "长提示的金额。",
    ),
    peak: described(
      peak.optional(),
      "Amounts at certain hours. Default: the same at every hour.",
      "某些时段的金额。默认任何时段都相同。",
    ),
  },
  {
    english: "What a provider asks for a million tokens of a model, as decimals in the unit of the currency.",
    chinese: "提供商对某模型每百万 token 的收费，以货币单位的小数表示。",
  },
);

const PRICE = "expected a price like { currency: usd, input: 0.25, output: 2 }, or a list of them";

/** `prices`: provider → model → one price, or several from different days on. */
export const prices = mapOf(
  name,
  mapOf(
    nonEmpty,
    z.union([price, listOf(price, PRICE).min(1, { error: PRICE })], { error: PRICE }),
    "expected a map from names of models to prices",
  ),
  "expected a map from providers to { <model>: price }",
);

/** `prices` as they are read. */
export type PricesInput = z.output<typeof prices>;
/** One price as it is read. */
export type PriceInput = z.output<typeof price>;
/** Its amounts at certain hours. */
export type PeakInput = NonNullable<PriceInput["peak"]>;
/** Its amounts. */
export type RatesInput = Pick<PriceInput, keyof typeof priceAmounts>;
