// Words that fit many subjects and say little about any: general verbs, general nouns, qualities. It is no great loss when a
// passage lacks one, so a question may say them in its own way. Names of things, and facts that one may ask for (a price, a
// version, a year), do not belong here.

import { comparedForms, regularForms } from "./word-forms.ts";

const english =
  // what things do
  "achieve act add adjust affect allow appear apply arise attach base become begin behave belong bring build call carry cause causes change check " +
  "combine communicate complete connect consider contain continue convert cover create cut deal decide depend describe design determine discover divide drop eliminate " +
  "enable end ensure establish exist expect express face fall feel figure find finish fit fix follow force gain grow handle help hold identify implement " +
  "improve include increase influence involve keep lead leave look lose lower maintain manage meet move notice obtain occur offer operate organise organize " +
  "pass perform pick place plan play prefer prepare prevent produce protect prove provide put raise reach receive recommend reduce reject rely relate remain remove " +
  "replace represent require resolve return reuse rise run see seem select send separate set settle show size solve spread start stay stop suffer suggest " +
  "support suppose switch take tend treat try turn vary view wait watch work write speed slow " +
  // what things are called in general
  "ability action amount area aspect basis behaviour behavior bit case chance circumstance consequence course degree effect effort experience explanation " +
  "fact field form function group hand impact information intention item level manner method moment nature occasion operation option outcome part pattern piece " +
  "position possibility principle problem procedure process property range relation relationship result role rule sense side situation solution " +
  "source stage step structure style subject task technique theory thought time times title top topic type unit value world approach strategy practice " +
  "tool system application app software computer technology architecture algorithm component mechanism example examples feature features " +
  "key benefit benefits advantage advantages team teams developer developers user users today life service services number ";

const qualities =
  "able actual advanced appropriate available aware bad basic beneficial best better big certain clear common complex correct dangerous " +
  "difficult direct easier easily easy effective efficient entire essential exact fine full general great hard harmful helpful high huge ideal individual " +
  "large likely little long low major modern multiple new next nice normal obvious ordinary original overall particular perfect poor poorly popular possible " +
  "powerful practical previous proper properly quick quickly ready real reasonable regular related relevant responsible right same serious several " +
  "significant similar single small special specific standard strong successful suitable sure traditional true unnecessary usual valuable various vital weak well " +
  "whole wide wise wrong first second two three given " +
  "against along already alone almost apart around automatically automatically away back beyond either enough especially everywhere far frequently however " +
  "immediately instead later mostly nearly nowadays once perhaps rarely regardless safely sometimes soon together toward twice across despite except";

const chinese =
  "系统 应用 服务 程序 软件 电脑 计算机 工具 技术 手段 过程 实现 支持 提供 处理 管理 实践 策略 常见 常用 特点 特征 特性 例子 例如 典型 架构 模式 算法 机制 原理 " +
  "工作 工作原理 运行 运作 开始 需求 部分 内容 功能 完成 可能 容易 方便 带来 成为 变 变成 改变 变化 创建 建立 增加 减少 降低 提高 提升 改善 避免 防止 保留 删除 存放 保存 放 " +
  "放在 传 传给 打开 关闭 启动 停止 变小 变大 变差 变快 变慢 找 找到 找出 选 选择 挑选 推荐 建议 适合 适用 采用 设置 要求 值得 加 加上 拆 拆成 切 切成 看 限制 重复 数量 大小 " +
  "效果 结果 影响 后果 关系 目标 角色 流程 步骤 阶段 条件 好处 优点 优势 场景 包括 包含 组成 日常 世界 现在 如今 目前 正确 一起 做到 做好 做成 写 写成 出 出现 发生 导致 造成 " +
  "产生 必须 有效 保证 确保 开发 开发者 用户 客户 团队 公司 好 坏 大 小 高 低 快 慢 长 短 少 新 旧 强 弱 更好 更快 得到 获得 拿到 挂 挂了 一步 一段 一段时间 时间 同时 多个 多台 " +
  "几个 两个 两种 三种 分别 安全 安全地 加速 加快 合适 合理 解决 应对 面对 判断 决定 使得 允许 需 负责 充当 扮演 体现 具有 具备 拥有 属于 属 值 种类 类型 类 形式 " +
  "方面 角度 层面 成 起来 下来 出来 回 回来 住 掉 完 次 次数 操作 现象 组件 岗位 术语 缩写 只是 仅 单 单个 整个 全部 所有 任何 其他 其它 另 另一个 相比 好不好 行不行 对吗 表现 展示 显示 对方 推动 一只";

/** Light words of both languages in lower case, the English ones in all their regular forms. */
export const lightWords: ReadonlySet<string> = new Set([
  ...chinese.split(" "),
  ...english.split(" ").flatMap(regularForms),
  ...qualities.split(" ").flatMap(comparedForms),
]);
