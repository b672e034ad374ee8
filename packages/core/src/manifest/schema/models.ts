// Model aliases and the places that serve them.
import { z } from "zod";
import { described, section } from "./described.ts";
import { listOf, name, nonEmpty } from "./scalars.ts";
import { timeouts } from "./traffic.ts";

const URL_EXPECTATION = "expected a URL like https://api.example/v1";

/** One entry of `backends`. Either a service of the app or a provider; checked apart, so that the message can say so. */
export const backend = section(
  "backend",
  {
    service: described(name.optional(), "A service of the app that serves the model.", "应用中提供该模型的服务。"),
    provider: described(
      name.optional(),
      "An outside provider: openai, dashscope, deepseek, moonshot, zhipu, siliconflow, mistral, groq, openrouter, ollama, or any other name with base_url.",
      "外部提供商：openai、dashscope、deepseek、moonshot、zhipu、siliconflow、mistral、groq、openrouter、ollama，或任意名称加 base_url。",
    ),
    base_url: described(
      z
        .string({ error: URL_EXPECTATION })
        .regex(/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/, { error: URL_EXPECTATION })
        .optional(),
      "Where the provider's API is. Known providers have one.",
      "提供商 API 的地址。已知的提供商自带地址。",
    ),
    model: described(
      nonEmpty.optional(),
      "The model's name there. Required for a provider; for a service the name that it serves.",
      "该处的模型名称。提供商必填；服务则默认为其提供的模型名。",
    ),
    api_key: described(
      z.string({ error: 'expected a reference to a secret, like "${secrets.openai}"' }).optional(),
      "A reference to a secret, like ${secrets.openai}; never the key itself.",
      "对密钥的引用，例如 ${secrets.openai}；不能写密钥本身。",
    ),
    region: described(
      name.optional(),
      "Where the data goes; compared with data.allowed_regions.",
      "数据去往的地区；与 data.allowed_regions 比较。",
    ),
  },
  {
    english: "One place that serves a model: a service of the app, or an outside provider.",
    chinese: "提供模型的一个位置：应用中的服务，或外部提供商。",
  },
);

/** One entry of `models`. */
export const model = section(
  "model",
  {
    backends: described(
      listOf(backend, "expected a list of backends").min(1, { error: "expected at least one backend" }),
      "Places that serve the model, in order of preference.",
      "提供该模型的位置，按优先顺序排列。",
    ),
    timeouts: described(
      timeouts.optional(),
      "Time limits of calls. first_byte is 60s here.",
      "调用的时限。此处 first_byte 为 60s。",
    ),
  },
  { english: "A model alias: the name that clients use.", chinese: "模型别名：客户端使用的名称。" },
);

/** A model as it is read. */
export type ModelInput = z.output<typeof model>;
/** A backend as it is read. */
export type BackendInput = z.output<typeof backend>;
