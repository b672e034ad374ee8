// `flyball audit` 的中文文本，键与 en-audit.ts 相同。
import type { enAudit } from "./en-audit.ts";

/** 目录的一部分。 */
export const zhAudit: Readonly<Record<keyof typeof enAudit, string>> = {
  "command.audit": "列出谁在何时用哪条命令改了什么，最新的在最后",
  "option.audit-since": "从多久以前开始，例如 90m、12h 或 7d（默认：从头开始）",
  "option.audit-limit": "最新的这么多条（默认：50，最多 1000）",
  "option.json": "等同于 -o json",

  "audit.none": "没有任何改动",
  "audit.when": "时间",
  "audit.who": "操作者",
  "audit.action": "动作",
  "audit.command": "命令",
  "audit.and-more": "{first}，另有 {count} 项",

  "audit-action.revision-write": "写入版本",
  "audit-action.override-write": "写入覆盖",
  "audit-action.override-drop": "移除覆盖",
  "audit-action.restart": "重启",
  "audit-action.run": "运行一次",
  "audit-action.down": "结束应用",
  "audit-action.key-create": "创建密钥",
  "audit-action.key-rotate": "更换密钥的值",
  "audit-action.key-revoke": "吊销密钥",
  "audit-action.preempt": "腾出空间",
};
