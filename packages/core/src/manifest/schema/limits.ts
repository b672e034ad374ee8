// What a tenant, a model or a backend may use: rates, requests at once, money.
import { z } from "zod";
import { PRIORITIES } from "../../priority.ts";
import { described, section, worded } from "./described.ts";
import { choice, listOf, wholeNumber } from "./scalars.ts";
import { tenantWeight } from "./schedule.ts";

const RATE_EXPECTATION = "expected a rate like 10/s, 600/min, 5000/h or 100k/day";

/** `600/min`, `1M/day`. */
const rate = worded(
  z
    .string({ error: RATE_EXPECTATION })
    .regex(/^[1-9][0-9]{0,11}(?:k|M)?\/(?:s|min|h|day)$/, { error: RATE_EXPECTATION }),
  { english: "rate", chinese: "速率" },
);

const rates = z.union([rate, listOf(rate, RATE_EXPECTATION).min(1, { error: RATE_EXPECTATION })], {
  error: RATE_EXPECTATION,
});

const onStoreLoss = choice(["local-share", "refuse"]);

const MONEY = "expected an amount of money above 0 with at most six decimals";
const money = z
  .number({ error: MONEY })
  .positive({ error: MONEY })
  .max(1_000_000_000, { error: MONEY })
  .refine((amount) => Number.isInteger(Math.round(amount * 1e9) / 1e3), { error: MONEY });

/** `limits`. */
export const limits = section(
  "limits",
  {
    requests: described(
      rates.optional(),
      "Requests in any span of this length; several rates hold at once.",
      "任意该时长内的请求数；可同时写多个速率。",
    ),
    tokens: described(
      rates.optional(),
      "Tokens, prompt and answer together, in any span of this length.",
      "任意该时长内的 token 数，包括提示和回答。",
    ),
    concurrency: described(wholeNumber(1, 1_000_000).optional(), "Requests at once.", "同时进行的请求数。"),
    on_store_loss: described(
      onStoreLoss.default("local-share"),
      "While the store shared by several gateways is away: each takes its share, or refuses.",
      "多个网关共享的存储不可用时：各自使用自己的份额，或拒绝。",
    ),
  },
  { english: "Rates and requests at once.", chinese: "速率与并发上限。" },
);

/** One entry of `budget`. */
const budgetEntry = section(
  "budget",
  {
    usd: described(money.optional(), "Amount in US dollars.", "美元金额。"),
    cny: described(money.optional(), "Amount in renminbi.", "人民币金额。"),
    per: described(
      choice(["day", "week", "month"]),
      "Calendar period, in gateway.time_zone.",
      "日历周期，按 gateway.time_zone。",
    ),
    on_store_loss: described(
      onStoreLoss.default("refuse"),
      "While the store shared by several gateways is away: each takes its share, or refuses.",
      "多个网关共享的存储不可用时：各自使用自己的份额，或拒绝。",
    ),
  },
  {
    english: "Money for one calendar period: exactly one of usd and cny.",
    chinese: "一个日历周期的金额：usd 与 cny 恰好写一个。",
  },
);

/** `budget`: one or several. */
export const budget = z.union([budgetEntry, listOf(budgetEntry, "expected a budget or a list of budgets")], {
  error: "expected a budget like { usd: 20, per: day }",
});

/** One entry of `tenants`. */
export const tenant = section(
  "tenant",
  {
    limits: described(
      limits.optional(),
      "What all keys of the tenant may use together.",
      "该租户所有密钥合计可用的量。",
    ),
    budget: described(budget.optional(), "Money of the tenant.", "该租户的预算。"),
    priority: described(
      choice(PRIORITIES).optional(),
      "Class of its requests where more come than can be served: low is turned away first. Default: that of the route.",
      "请求超出处理能力时其请求的等级：low 最先被拒绝。默认为路由的等级。",
    ),
    weight: tenantWeight,
  },
  { english: "An account with any number of keys.", chinese: "拥有任意数量密钥的账户。" },
);

/** Limits as they are read. */
export type LimitsInput = z.output<typeof limits>;
/** A budget, or several, as they are read. */
export type BudgetInput = z.output<typeof budget>;
