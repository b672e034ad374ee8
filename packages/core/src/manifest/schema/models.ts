// Model aliases and the places that serve them.
import { z } from "zod";
import { described, section } from "./described.ts";
import { budget, limits } from "./limits.ts";
import { choice, duration, listOf, name, nonEmpty, size, wholeNumber } from "./scalars.ts";
import { timeouts } from "./traffic.ts";

const WEIGHT = "expected a weight above 0";
const SHARE = "expected a share from 0 to 1, like 0.05";
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
    network: described(
      choice(["public", "private"]).optional(),
      "What its name may stand for. public: addresses of the internet only. private: also those of this machine and its network. Link-local and metadata addresses never. Default: public; private where base_url itself holds such an address or localhost.",
      "其主机名可以指向的地址。public：仅互联网地址。private：也包括本机及其网络的地址。链路本地地址和元数据地址永不允许。默认 public；base_url 本身写的就是此类地址或 localhost 时为 private。",
    ),
    ca: described(
      nonEmpty.optional(),
      "PEM file with certificates that are trusted there besides the machine's own, or the PEM text itself.",
      "PEM 文件，其中的证书在该处与本机自带的证书一同受信任；也可直接写 PEM 文本。",
    ),
    region: described(
      name.optional(),
      "Where the data goes; compared with data.allowed_regions.",
      "数据去往的地区；与 data.allowed_regions 比较。",
    ),
    api: described(
      name.optional(),
      "How it differs from the plain OpenAI form: anthropic, vllm, sglang, llama-cpp, ollama, azure or a provider's name. Default: the provider, or the engine of serve.",
      "与标准 OpenAI 形式的差异：anthropic、vllm、sglang、llama-cpp、ollama、azure 或提供商名称。默认为该提供商，或 serve 的引擎。",
    ),
    use: described(
      listOf(choice(["always", "unavailable", "saturated"]), "expected a list of always, unavailable, saturated")
        .min(1, { error: "expected at least one of always, unavailable, saturated" })
        .optional(),
      "When it is used: in its turn, when no backend before it can answer, when every backend before it is full. Default: [always].",
      "何时使用：按顺序；前面的后端都无法回答时；前面的后端都已饱和时。默认 [always]。",
    ),
    weight: described(
      z.number({ error: WEIGHT }).positive({ error: WEIGHT }).max(1_000_000, { error: WEIGHT }).optional(),
      "Share among neighbours that carry a weight too. Without it the order decides.",
      "与同样带权重的相邻后端分配份额。不写则按顺序。",
    ),
    context: described(
      wholeNumber(1, 100_000_000).optional(),
      "Tokens of prompt and answer together; a call that is too long for others goes to the first that is large enough.",
      "提示与回答合计的 token 数；其他后端放不下的调用会转到第一个足够大的后端。",
    ),
    priority: described(
      choice(["engine", "lower-first", "higher-first"]).optional(),
      "Tells the engine the class of each call in its field priority, and overrules the client's own. engine: in the order of its api (vllm takes lower first and needs --scheduling-policy priority, sglang higher first and needs --enable-priority-scheduling). Default: the field is left alone.",
      "通过 priority 字段把每个调用的等级告知引擎，并覆盖客户端自己的值。engine：按其 api 的顺序（vllm 数值小者优先，需要 --scheduling-policy priority；sglang 数值大者优先，需要 --enable-priority-scheduling）。默认不改动该字段。",
    ),
    limits: described(limits.optional(), "What may be sent there.", "可以发往该处的量。"),
    budget: described(
      budget.optional(),
      "Money that may be spent there; then it counts as unavailable.",
      "可以在该处花费的金额；用完后视为不可用。",
    ),
  },
  {
    english: "One place that serves a model: a service of the app, or an outside provider.",
    chinese: "提供模型的一个位置：应用中的服务，或外部提供商。",
  },
);

const hedge = section(
  "hedge",
  {
    after: described(
      z
        .union([duration, z.literal("learned")], { error: "expected learned or a duration like 800ms" })
        .default("learned"),
      "How late the first token must be. learned: later than 95 of 100 calls before.",
      "首个 token 迟到多久后发起。learned：晚于此前 95% 的调用。",
    ),
    cost_cap: described(
      z.number({ error: SHARE }).min(0, { error: SHARE }).max(1, { error: SHARE }).default(0.05),
      "Largest share of calls that get a second attempt.",
      "可获得第二次尝试的调用的最大比例。",
    ),
  },
  {
    english: "A second attempt at another place when the first token is late; the slower one is cancelled.",
    chinese: "首个 token 迟到时在另一处发起第二次尝试；较慢的一次会被取消。",
  },
);

const cache = section(
  "cache",
  {
    ttl: described(duration.default("1h"), "How long an answer is kept.", "回答保留多久。"),
    size: described(
      size.default("64MiB"),
      "Memory for answers; the least recently used go first.",
      "用于回答的内存；最久未使用的先淘汰。",
    ),
  },
  {
    english: "Whole answers to exactly equal calls, apart for each tenant. Calls with cache-control: no-store pass by.",
    chinese: "对完全相同调用的完整回答，各租户分开。带有 cache-control: no-store 的调用不使用缓存。",
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
    first_token: described(
      duration.optional(),
      "Floor of the time until the first content; the bound itself is learned and never below it. Default: timeouts.first_byte.",
      "到首个内容的时限下限；时限本身由学习得到，不会低于它。默认 timeouts.first_byte。",
    ),
    fallbacks: described(
      listOf(name, "expected a list of model names").min(1, { error: "expected at least one model" }).optional(),
      "Other models that are tried, in order, when no backend of this one can answer.",
      "当本模型的后端都无法回答时，依次尝试的其他模型。",
    ),
    resume: described(
      z.boolean({ error: "expected true or false" }).default(false),
      "A stream that breaks off goes on at another backend from the text so far, where the backend can do that.",
      "中断的流在另一个后端从已有文本处继续（该后端支持时）。",
    ),
    hedge: described(
      hedge.optional(),
      "A second attempt when the first token is late.",
      "首个 token 迟到时的第二次尝试。",
    ),
    cache: described(cache.optional(), "Keep whole answers.", "保留完整回答。"),
    limits: described(limits.optional(), "What all callers may use together.", "所有调用方合计可用的量。"),
    budget: described(budget.optional(), "Money of the model.", "该模型的预算。"),
  },
  { english: "A model alias: the name that clients use.", chinese: "模型别名：客户端使用的名称。" },
);

/** A model as it is read. */
export type ModelInput = z.output<typeof model>;
/** A backend as it is read. */
export type BackendInput = z.output<typeof backend>;
