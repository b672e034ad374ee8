// 通知的中文文本；zh-control.ts 的一部分。

/** What people are told of incidents, in Chinese. */
export const zhNotices = {
  "notice.opened": "发生",
  "notice.worse": "恶化",
  "notice.flapping": "反复出现",
  "notice.data-missing": "无数据",
  "notice.repeat": "仍在持续",
  "notice.resolved": "已恢复",
  "notice.closed": "已关闭",
  "notice.test": "测试",
  "notice.heartbeat": "心跳",
  "notice.warning": "警告",
  "notice.critical": "严重",
  "notice.title": "[{state}] {app}：{what}",
  "notice.and-more": "{first}；另有 {count} 个",
  "notice.heading": "#{number}（{severity}）{summary}",
  "notice.since": "自 {from} 起；{detection} 秒后发现。",
  "notice.recovered": "{from} 至 {to}：{seconds} 秒后恢复，{detection} 秒后发现。",
  "notice.ended": "{from} 至 {to}；未恢复即结束。",
  "notice.done": "最近一步：{done}。",
  "notice.comes-and-goes": "已发生 {episodes} 次。后续不再逐次通知；平静 {minutes} 分钟后通知其结束。",
  "notice.no-data": "自 {from} 起看不到它的任何数据：在确认正常之前仍视为持续。",
  "notice.dependants": "受其影响：{names}。",
  "notice.try": "试试：flyball incidents show {number}",
  "notice.test-what": "这是一条测试通知，渠道可用",
  "notice.heartbeat-what": "Flyball 运行正常",
} as const;
