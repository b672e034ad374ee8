// `flyball notify` 的中文文本，键与 en-notify.ts 相同。
import type { enNotify } from "./en-notify.ts";

/** 目录的一部分。 */
export const zhNotify: Readonly<Record<keyof typeof enNotify, string>> = {
  "command.notify": "显示事件通知的各个渠道及其状况",
  "command.notify-test": "向一个或所有渠道发送测试通知，并显示对方的答复",

  "notify.none": "清单中没有通知渠道。试试：flyball docs notify",
  "notify.channel": "渠道",
  "notify.type": "类型",
  "notify.state": "状态",
  "notify.queued": "等待",
  "notify.lost": "丢失",
  "notify.delivered": "最近送达",
  "notify.failure": "最近一次失败",
  "notify.unused": "未使用",
  "notify.works": "✓ 正常",
  "notify.fails": "✗ 失败",
  "notify.tested": "✓ {channel}（{type}）：{answer}",
  "notify.test-failed": "✗ {channel}（{type}）：{answer}",
  "notify.failing":
    "✗ 通知无法送达 {channel}（{type}）：{failure}；{queued} 条等待，{lost} 条丢失。试试：flyball notify test {channel}",
};
