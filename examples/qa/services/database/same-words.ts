// Names and everyday words for one thing, so that a search for the one finds passages that say the other. A query that
// holds one phrase of a line is searched for all of the line; the index itself is not touched.

const lines: readonly string[] = [
  "ai | artificial intelligence | 人工智能",
  "ml | machine learning | 机器学习",
  "dl | deep learning | 深度学习",
  "llm | large language model | language model | 大语言模型 | 大模型 | 语言模型",
  "nlp | natural language processing | 自然语言处理",
  "cnn | convolutional neural network | 卷积神经网络",
  "rnn | recurrent neural network | 循环神经网络",
  "rag | retrieval augmented generation | 检索增强生成",
  "moe | mixture of experts | 混合专家",
  "cot | chain of thought | step by step | 思维链 | 一步步 | 逐步",
  "token | 词元",
  "agent | 智能体",
  "embedding | 嵌入 | 向量",
  "hallucination | invent | make up | fabricate | 幻觉 | 编造 | 胡编 | 胡说 | 瞎编",
  "quantization | quantisation | 量化",
  "k8s | kubernetes",
  "ci | continuous integration | 持续集成",
  "cd | continuous delivery | continuous deployment | 持续交付 | 持续部署",
  "iac | infrastructure as code | 基础设施即代码",
  "vm | virtual machine | 虚拟机",
  "slo | service level objective | 服务等级目标 | 服务水平目标",
  "sla | service level agreement | 服务等级协议",
  "sli | service level indicator | 服务等级指标",
  "ttft | time to first token | 首字延迟 | 首个词元",
  "gpu | graphics card | 显卡",
  "monolith | monolithic | 单体",
  "containerise | containerize | container | 容器化",
  "root | secure | security | 安全",
  "rollback | roll back | rolled back | revert | 回滚 | 撤回",
  "release | deploy | roll out | go live | 发布 | 上线 | 部署",
  "difference | differ | distinguish | versus | vs | compare | 区别 | 差别 | 差异 | 不同",
  "outage | incident | failure | 故障 | 事故 | 宕机",
  "error | mistake | loss | 误差 | 错误 | 损失",
  "evaluate | evaluation | measure | quality | 评估 | 衡量 | 评测",
  "autoscale | scale | elastic | 伸缩 | 扩容 | 扩缩容",
  "at the same time | concurrent | parallel | 并发 | 同时",
  "reduce | lower | prevent | avoid | stop | 减少 | 降低 | 避免 | 防止",
  "fast | quick | speed | latency | 快 | 加速 | 速度 | 延迟",
  "twice | duplicate | repeat | idempotent | 两次 | 重复 | 幂等",
  "restart | crash | 重启 | 崩溃",
];

const groups = lines.map((line) => line.split(" | ").map((phrase) => ({ phrase, pattern: patternOf(phrase) })));

/** Phrases that say what the query says in other words; empty when none is known. */
export function sameWords(query: string): string[] {
  const plain = query
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[-_\s]+/gu, " ");
  return groups.flatMap((group) =>
    group.some(({ pattern }) => pattern.test(plain)) ? group.map(({ phrase }) => phrase) : [],
  );
}

/** A Han phrase counts anywhere, a Latin one as whole words, in the plural too. */
function patternOf(phrase: string): RegExp {
  return /\p{Script=Han}/u.test(phrase)
    ? new RegExp(phrase, "u")
    : new RegExp(`(?<![a-z0-9])${phrase}s?(?![a-z0-9])`, "u");
}
