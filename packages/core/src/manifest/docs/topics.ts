// What the reference says beyond single keys: variables, merging, what is set for programs, limits.
import type { Bilingual } from "../schema/described.ts";

/** A topic of the reference. */
export interface Topic {
  readonly id: string;
  readonly title: Bilingual;
  /** Lines of text; `code` before the colon, meaning after it. */
  readonly lines: readonly { readonly code: string; readonly text: Bilingual }[];
}

/** All topics, in the order of the reference. */
export const TOPICS: readonly Topic[] = [
  {
    id: "variables",
    title: { english: "Variables and placeholders", chinese: "变量与占位符" },
    lines: [
      line(
        "${VAR}",
        "Filled in when the file is read; an unset variable is an error.",
        "读取文件时填入；变量未设置即为错误。",
      ),
      line(
        "${VAR:-default}",
        "The default is used when the variable is unset or empty.",
        "变量未设置或为空时使用默认值。",
      ),
      line(
        "${VAR:?message}",
        "The message is shown when the variable is unset or empty.",
        "变量未设置或为空时显示该消息。",
      ),
      line(
        "$$",
        "A literal $. A $ before anything but { and $ stays as it is.",
        "字面的 $。不在 { 或 $ 之前的 $ 保持原样。",
      ),
      line(
        "${secrets.x}",
        "Filled in at the start, in command, environment, api_key, limit_store.password and in channels of notices (url, secret, password).",
        "启动时填入，用于 command、environment、api_key、limit_store.password 以及通知渠道（url、secret、password）。",
      ),
      line(
        "${instance.port}",
        "The instance's first port; ${instance.port.<name>} a named one.",
        "实例的第一个端口；${instance.port.<名称>} 为指定端口。",
      ),
      line("${instance.ordinal}", "The instance's number, from 0.", "实例的编号，从 0 开始。"),
      line(
        "${services.x.address}",
        "host:port of a service; for a tcp port that of the instance itself.",
        "服务的 host:port；tcp 端口则为实例自身的地址。",
      ),
      line(
        "${services.x.url}",
        "http://host:port of a service behind the gateway.",
        "网关后面的服务的 http://host:port。",
      ),
    ],
  },
  {
    id: "merging",
    title: { english: "Merging", chinese: "合并" },
    lines: [
      line(
        "include",
        "Maps are merged key by key; lists and single values are replaced. At most 8 levels.",
        "映射按键合并；列表和单个值被替换。最多 8 层。",
      ),
      line(
        "targets.<t>.overlay",
        "Laid over the file in the same way; null removes a key.",
        "以同样方式覆盖在文件之上；null 删除键。",
      ),
      line(
        "x-…",
        "Ignored at the top and in services; a place for YAML anchors. << merges an anchored map.",
        "在顶层和服务中被忽略，可放置 YAML 锚点。<< 合并带锚点的映射。",
      ),
      line("paths", "Relative to the file in which they stand.", "相对于它们所在的文件。"),
    ],
  },
  {
    id: "environment",
    title: { english: "Variables that Flyball sets", chinese: "Flyball 设置的变量" },
    lines: [
      line(
        "PORT, HOST",
        "Where an instance must listen, for services with a port.",
        "实例必须监听的位置，用于有端口的服务。",
      ),
      line(
        "FLYBALL_<SERVICE>_URL",
        "The stable URL of every service with an http port.",
        "每个有 http 端口的服务的固定 URL。",
      ),
      line(
        "FLYBALL_<MODEL>_BASE_URL, _MODEL, _API_KEY",
        "For each granted model, or with the grant's prefix.",
        "每个被授予的模型，或使用授予时的前缀。",
      ),
      line("FLYBALL_VOLUME_<NAME>", "Path of a volume.", "卷的路径。"),
      line("FLYBALL_CONFIG_<NAME>", "Path of a config file.", "配置文件的路径。"),
      line("FLYBALL_SECRET_<NAME>", "Path of a file that holds a secret.", "保存密钥的文件的路径。"),
    ],
  },
  {
    id: "file-limits",
    title: { english: "Limits", chinese: "限制" },
    lines: [
      line("1 MiB, 20,000 tokens", "Size of one file.", "单个文件的大小。"),
      line("64", "Levels of nesting, and aliases, in one file.", "单个文件的嵌套层数和别名数量。"),
      line("500", "Files of one manifest.", "一个清单的文件数量。"),
    ],
  },
];

function line(code: string, english: string, chinese: string): Topic["lines"][number] {
  return { code, text: { english, chinese } };
}
