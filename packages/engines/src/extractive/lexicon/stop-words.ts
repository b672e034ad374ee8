// Words that say nothing about the subject of a question. Everything else must be found in a passage before the engine
// answers, so a word belongs here only if it fits any subject.

/** Words that ask, connect or are polite: they carry no weight. English ones are compared as written, not as stems. */
const english =
  "a an the this that these those some any all both each every such other another one ones it its itself they them their " +
  "i me my we us our you your he she his her someone anyone somebody anybody something anything everything nothing thing things stuff " +
  "is are was were be been being am do does did doing done have has had having can could will would shall should may might must " +
  "ca won don doesn didn isn aren wasn weren couldn wouldn shouldn haven hasn hadn ain cannot " +
  "what which who whom whose when where why how whether if then than so as of in on at to from for with by about into onto " +
  "over under between among through during before after behind within inside outside upon via per and or but nor not no yes " +
  "there here just only also too very even still rather while because since until unless " +
  "please tell explain describe define defined defines definition mean means meaning meant say said talk talking know hear heard hearing understand understanding wonder wondering " +
  "give show let get got getting gets word words term terms idea ideas concept notion stand stands refer refers briefly simple simply " +
  "short actually really exactly basically generally usually " +
  "way ways kind kinds sort up out off down re ve ll d s t m eg ie etc hi hello hey thanks thank " +
  "like want wants wanted need needs needed use used uses using usage useful make makes making made go goes going come comes happen happens " +
  "happening people person much many lot lots more most less least few own detail details " +
  "purpose point matter matters think reason reasons main important importance question answer typical typically goal aim work works working rid " +
  "needed necessary worth again always ever never often behind good " +
  "i.e e.g insist insists everyone everybody else anyway anyhow abbreviation acronym told asked heard suggested recommended mentioned roughly apparently supposedly yesterday lately recently " +
  "says saying whats hows wheres whos thats theres im ive id dont doesnt didnt isnt arent wont cant couldnt wouldnt shouldnt gonna wanna gotta kinda sorta yeah pls plz thx btw called diff " +
  "anymore showing shown shows showed explaining explained describing enlighten mind nobody noone tells tell colleague colleagues boss manager friend friends mate okay ok well now nowadays hence thus really quite exactly sounds sound seems looks " +
  // the kind of the question says these
  "relate related apart untangle mix confuse confused confusing difference differences differ differs different differently distinguish distinction versus vs compare compared comparison same";

const chinese =
  "什么 什么样 什么叫 何谓 何为 啥 是 的 地 得 了 着 过 吗 呢 吧 啊 呀 嘛 么 如何 怎么 怎样 怎么样 怎么办 怎 为什么 为何 为啥 为 何 哪些 哪个 哪种 哪几 哪 " +
  "是否 是不是 能 能否 能不能 可以 可否 会 会不会 要 不要 应 应该 该 需要 需 想 一个 一种 一下 一些 一 个 种 些 这 那 这个 那个 这些 那些 这种 那种 它 它们 他 她 他们 " +
  "我 我们 你 你们 您 咱们 大家 人们 有 没有 有没有 没 无法 在 和 与 或 或者 及 以及 并 而 而且 但 但是 还是 还有 对 对于 关于 把 被 让 给 从 到 由 于 以 为了 就 都 也 还 " +
  "又 很 更 最 较 不 别 请 请问 意思 含义 涵义 定义 概念 指 指的 指的是 叫 叫做 称为 说 说的 讲 讲讲 说说 谈谈 聊聊 介绍 解释 说明 告诉 简单 简述 简要 通俗 描述 能力 " +
  "到底 究竟 其实 一般 通常 主要 基本 时候 时 当 几 之 之间 间 所谓 所 里 里面 中 上 下 内 们 来 去 做 用 用于 用来 干 干嘛 干什么 起 起到 使 使用 利用 通过 进行 " +
  "方法 方式 办法 东西 东东 作用 用处 意义 目的 原因 道理 重要 帮 帮我 帮忙 你好 您好 谢谢 谢 啦 哦 嗯 想要 知道 了解 理解 明白 懂 的话 话 如果 假如 若 呗 具体 详细 回答 问题 问 " +
  "只 只有 才 才是 再 先 后 前 以后 之后 之前 以前 其 其中 某 某个 每 每个 各 各个 各种 多 太 挺 比 跟 同 向 往 按 按照 根据 因为 所以 因此 那么 这么 这样 那样 真 真的 是指 " +
  "事 事情 事儿 一回事 一样 必要 有必要 回事 区别 差别 差异 不同 不同点 不一样 区分 分清 分别 相比 差 手上 手里 手头 非得 非要 干嘛要 这套 那套 俩 两者 二者 缩写 简称 概念 名词 同事 老板 领导 朋友 有人 别人 人家 听说 提到 拿来 大概 大约 忙 麻烦 科普 谁能 谁 哪位 求教 求助 求解 请教 试述 概述 概括 谓 意味 意味着 并且 咋 咋样 咋办 咋回事 干啥 为嘛 啥样 啥叫 有啥 一枚 人话 说白了 换句话说 简单说 简单来说 话说 问一下 一下子 搞 弄 整 咱 玩意 玩意儿 怎么回事 情况 情况下 场合 样 样的 一直 总是 有用 用途 有什么用 用到";

/** Words of no weight in both languages. */
export const stopWords: ReadonlySet<string> = new Set(`${english} ${chinese}`.split(" "));

/** Han words made of stop characters alone that are words of their own all the same. */
const ownWords: ReadonlySet<string> = new Set(["时间", "中间", "同时", "上下", "过时"]);

/** Whether a word, in lower case, carries no weight. */
export function isStopWord(word: string): boolean {
  if (stopWords.has(word)) return true;
  return /^\p{Script=Han}{2,}$/u.test(word) && !ownWords.has(word) && [...word].every((one) => stopWords.has(one));
}
