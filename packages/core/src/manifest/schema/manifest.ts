// The whole manifest as users write it. A key is here only when it does something.
import { z } from "zod";
import { described, section } from "./described.ts";
import { healing } from "./healing.ts";
import { jwt } from "./jwt.ts";
import { limitStore } from "./limit-store.ts";
import { tenant } from "./limits.ts";
import { listener } from "./listeners.ts";
import { model } from "./models.ts";
import { notify } from "./notify.ts";
import { prices } from "./prices.ts";
import { route } from "./routes.ts";
import { choice, environmentVariable, listOf, mapOf, name, nonEmpty, size, wholeNumber } from "./scalars.ts";
import { service } from "./service.ts";

const gateway = section(
  "gateway",
  {
    listeners: described(
      mapOf(name, listener, "expected a map from listener names to { host, port, tls, cors }").optional(),
      "Public listeners. A published http port makes one of its own, named <service>.<port>.",
      "公开的监听器。已发布的 http 端口会自动产生一个，名为 <服务>.<端口>。",
    ),
    workers: described(wholeNumber(1, 64).default(1), "Worker threads.", "工作线程数。"),
    time_zone: described(
      nonEmpty.optional(),
      "Zone of calendar periods, like Asia/Shanghai. Default: UTC.",
      "日历周期的时区，例如 Asia/Shanghai。默认 UTC。",
    ),
    max_body: described(
      size.optional(),
      "Longest body of a model call. Default: 16MiB.",
      "模型调用请求体的最大长度。默认 16MiB。",
    ),
    jwt: described(jwt.optional(), "Signed tokens that are taken like a key.", "可代替密钥使用的签名令牌。"),
    limit_store: described(
      limitStore.optional(),
      "Where several gateways keep limits and budgets together. Default: each keeps its own.",
      "多个网关共同维护限额和预算的地方。默认各自维护。",
    ),
  },
  { english: "The gateway in front of the services.", chinese: "服务前面的网关。" },
);

const secret = section(
  "secret",
  {
    env: described(
      environmentVariable.optional(),
      "Environment variable that holds the value.",
      "保存密钥值的环境变量。",
    ),
    file: described(nonEmpty.optional(), "File that holds the value.", "保存密钥值的文件。"),
  },
  { english: "Where a secret's value comes from: env or file.", chinese: "密钥值的来源：env 或 file。" },
);

const config = section(
  "config",
  {
    content: described(z.string({ error: "expected text" }).optional(), "The content itself.", "内容本身。"),
    file: described(
      nonEmpty.optional(),
      "File with the content; it becomes part of the revision.",
      "包含内容的文件；内容会成为版本的一部分。",
    ),
  },
  { english: "A config file for services: content or file.", chinese: "供服务使用的配置文件：content 或 file。" },
);

const volume = section("volume", {}, { english: "A volume; it has no keys yet: {}.", chinese: "卷；目前没有键：{}。" });

const data = section(
  "data",
  {
    allowed_regions: described(
      listOf(name, "expected a list of regions").min(1, { error: "expected at least one region" }).optional(),
      "A provider elsewhere, or without a region, is refused.",
      "位于其他地区或没有写地区的提供商会被拒绝。",
    ),
  },
  { english: "Where data may go.", chinese: "数据可以去往何处。" },
);

const target = section(
  "target",
  {
    type: described(
      choice(["local", "docker", "swarm", "kubernetes"]).optional(),
      "Where the app runs. May be left out for the target named local.",
      "应用运行的位置。名为 local 的目标可以省略。",
    ),
    overlay: described(
      z.record(z.string(), z.unknown(), { error: "expected a map: a part of this file" }).optional(),
      "A part of this file that is laid over it: maps are merged, all else is replaced, null removes a key.",
      "覆盖在本文件之上的部分内容：映射合并，其他替换，null 删除键。",
    ),
  },
  { english: "A place where the app runs, with its differences.", chinese: "应用运行的一个位置及其差异。" },
);

const shape = {
  apiVersion: described(
    z.literal("flyball/v1", { error: "expected flyball/v1" }).optional(),
    "Version of this format: flyball/v1.",
    "格式版本：flyball/v1。",
  ),
  name: described(name, "Name of the app.", "应用的名称。"),
  include: described(
    listOf(nonEmpty, "expected a list of files").optional(),
    "Files that are merged in this order, later ones winning; this file wins over all of them.",
    "按顺序合并的文件，后者优先；本文件优先于所有被包含的文件。",
  ),
  services: described(
    mapOf(name, service, "expected a map from service names to services").default({}),
    "The app's programs.",
    "应用的程序。",
  ),
  models: described(
    mapOf(name, model, "expected a map from model names to models").default({}),
    "Model aliases.",
    "模型别名。",
  ),
  tenants: described(
    mapOf(name, tenant, "expected a map from tenant names to tenants").default({}),
    "Accounts with any number of keys.",
    "拥有任意数量密钥的账户。",
  ),
  prices: described(
    prices.default({}),
    "Prices by provider and name of the model, instead of those of the built-in table; a final * in the name stands for any rest.",
    "按提供商和模型名称列出的价格，取代内置价格表；名称末尾的 * 表示任意后缀。",
  ),
  routes: described(
    listOf(route, "expected a list of routes").default([]),
    "Which requests go where.",
    "哪些请求去往何处。",
  ),
  gateway: described(gateway.optional(), "The gateway in front of the services.", "服务前面的网关。"),
  notify: described(notify.optional(), "Who is told of incidents.", "事件通知给谁。"),
  secrets: described(
    mapOf(name, secret, "expected a map from secret names to { env } or { file }").default({}),
    "Secrets by name; values never stand in this file.",
    "按名称列出的密钥；值从不写在本文件中。",
  ),
  configs: described(
    mapOf(name, config, "expected a map from config names to { content } or { file }").default({}),
    "Config files for services.",
    "供服务使用的配置文件。",
  ),
  volumes: described(
    mapOf(
      name,
      z.union([volume, z.null()], { error: "expected {}" }),
      "expected a map from volume names to {}",
    ).default({}),
    "Volumes by name.",
    "按名称列出的卷。",
  ),
  healing: described(
    healing.optional(),
    "What may be done about faults without asking a person, and when.",
    "无需询问人即可对故障采取的措施，以及时间。",
  ),
  data: described(data.optional(), "Where data may go.", "数据可以去往何处。"),
  targets: described(
    mapOf(name, target, "expected a map from target names to targets").default({}),
    "Where the app runs, with differences.",
    "应用运行的位置及其差异。",
  ),
};

/** The manifest. Keys that begin with `x-` are removed before this is applied, at the top and in services. */
export const manifest = section("manifest", shape, {
  english:
    "The file flyball.yaml. Keys that begin with x- are ignored at the top and in services, so that YAML anchors have a place.",
  chinese: "文件 flyball.yaml。顶层和服务中以 x- 开头的键会被忽略，可用来放置 YAML 锚点。",
});

/** A manifest that fits the schema, with the schema's defaults. */
export type ManifestInput = z.output<typeof manifest>;
/** A target as it is read. */
export type TargetInput = z.output<typeof target>;
/** A secret as it is read. */
export type SecretInput = z.output<typeof secret>;
/** A config as it is read. */
export type ConfigInput = z.output<typeof config>;
/** The gateway as it is read. */
export type GatewayInput = z.output<typeof gateway>;
