// Words that ask for one particular fact, product or handling. A passage about the thing does not answer them unless it says
// the word, so they weigh as much as a name.

import { regularForms } from "./word-forms.ts";

const english =
  "history origin price pricing salary wage licence license author founder inventor creator maintainer owner ceo president version birthday age " +
  "market stock invest shares company companies vendor vendors population capital address headquarters command syntax tutorial course book books certificate " +
  "certification exam download install uninstall upgrade buy sell subscribe refund download language country city university career interview " +
  "colour color trademark logo mascot competitor customers law legal court tax song poem joke movie game recipe weather restaurant hotel medicine password login account " +
  "future forecast opinion feel feelings emotion emotions conscious love";

const chinese =
  "历史 发展史 起源 价格 定价 多少钱 收费 工资 薪资 薪水 许可证 作者 创始人 发明人 发明者 维护者 总裁 总统 首席执行官 生日 年龄 市场 份额 占有率 股票 股价 投资 公司 厂商 厂家 人口 首都 地址 总部 " +
  "命令 语法 教程 课程 书 书籍 证书 认证考试 考试 下载 安装 卸载 升级 购买 订阅 退款 语言写 国家 城市 大学 就业 前景 面试 职业 商标 法律 合法 税 歌 诗 笑话 电影 游戏 菜谱 天气 餐馆 酒店 药 密码 登录 账号 " +
  "未来 感情 情感 爱情 意识 最新版本 最新版 版本号";

/** Fact words of both languages in lower case, the English ones in all their regular forms. */
export const factWords: ReadonlySet<string> = new Set([
  ...chinese.split(" "),
  ...english.split(" ").flatMap(regularForms),
]);
