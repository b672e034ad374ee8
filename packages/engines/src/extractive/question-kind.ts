// What a question wants: a definition, a reason, a way, a difference, a time, a person, a place, an amount. The kind decides
// what an answer must contain and breaks ties between passages about the same subject.

/** The kinds that the engine tells apart. */
export type QuestionKind =
  | "definition"
  | "difference"
  | "reason"
  | "way"
  | "condition"
  | "date"
  | "person"
  | "place"
  | "amount"
  | "other";

/** Tried in order; the first that fits decides. */
const patterns: readonly (readonly [QuestionKind, RegExp])[] = [
  [
    "difference",
    /区别|差别|差异|不同之处|有何不同|有什么不同|相比|对比|哪个(?:更|比较)?好|\bdiff(?:ers?|erences?|s)?\b|\bdifferent (?:from|than|to)\b|\b(?:what|how|is|are|anything|something)\b.{0,60}\bdifferent\b|\bvs\b|\bversus\b|\bcompare|\bcomparison|\bdistinguish|\brather than\b|\bsame as\b|\bopposed to\b|\brelates?\b|\brelated (?:to|with)\b|\brelated[?]?$|关系|一回事|一样吗|不一样|有何异同|(?:怎么|如何)(?:区分|分辨)|分不清|差在|搞混|听起来(?:差不多|很像)|\bsomething else\b|\bapart\b|\bwhich is which\b|\bthe same\b|\bdistinction\b|\buntangle\b|\bconfus|\bmix (?:up|them)\b/iu,
  ],
  [
    "person",
    /^(?:是)?谁(?!能|来|知道|懂|给|会|可以|帮)|谁(?:发明|创造|创立|提出|开发|写|设计|是)|(?:发明|创始|作|开发)(?:人|者)是|哪(?:家|个|些)(?:公司|企业|组织|人|国家)|\bwho\b(?!['’]?s? (?:should|can|needs?|must|decides?|handles?|takes?|keeps?|gets?|starts?|restarts?|answers?|fixes|notices|responds?|watch(?:es)?|chooses?)\b)|^whose\b|\bwhich (?:compan|person|people|organi[sz]ation|countr|universit)/iu,
  ],
  [
    "amount",
    /(?<!(?:该|应|设|负|知道|决定|影响)\p{Script=Han}{0,3})多(?:少(?!种)|大|长|久|高|快)|(?<=[有要需用分成设配跑放留能多])几(?:个|台|次)|几(?:年|天|倍)|几(?:个|台|次)[^\p{Script=Han}]*$|最新版|价格|(?<!\b(?:(?:decid|determin|estimat|affect|influenc|control)\w*|figure out|know|plan|work out) )\bhow (?:many|much|long|big|large|far|tall|old|often|expensive)\b|\b(?:latest|newest|current)(?: stable)? versions?\b|\bwhat (?:percentage|number of|year|size)\b/iu,
  ],
  [
    "date",
    /哪(?:一)?年|哪天|几月|何时(?:发布|发明|诞生|成立|出现|推出)|什么时候(?:发布|发明|诞生|成立|出现|推出|开始的)|\bwhen (?:was|were|did|is the|will)\b|\b(?:what|which|in which) (?:year|date|day)\b/iu,
  ],
  [
    "place",
    /(?<!(?:[好坏强差错难妙贵快慢弱新高]|瓶颈|问题|区别|不同|差别|差异|关键|原因|优势|缺点|不足)(?:各|都|分别|主要|究竟|到底)?(?:体现)?[在出]?)(?:哪里|哪儿)(?!不|好|坏|强|差|错|出错|出了?问题)|(?<!如)何处|什么地方|哪个城市|\bwhere do(?:es)? the (?:word|name|term)\b|\bwhere (?:is|are|was|were|do|does|did|can|could)\b.{0,80}\b(?:located?|locations?|based|headquarter\w*|offices?|(?<!come )from|born|found(?:ed)?|lives?|lived|made|manufactured|invented|held|buy|bought|rent|park|parked|leave|left)\b/iu,
  ],
  [
    "condition",
    /何时|什么时候|什么情况下|什么场景|哪些情况|哪些场景|适合|\bwhen\b|\bin (?:which|what) (?:cases?|situations?)\b|\bshould (?:i|we|you|one)\b/iu,
  ],
  ["reason", /为什么|为何|为啥|原因|怎么会|\bwhy\b|\breasons?\b|\bwhat causes\b|\bhow come\b/iu],
  ["way", /如何|怎么|怎样|步骤|\bhow\b|\bways? (?:to|of)\b|\bsteps?\b/iu],
  [
    "other",
    /\bwhat (?:is|are) (?:the |some )?(?:\w+ )?(?:risk|danger|drawback|downside|disadvantage|benefit|advantage|limit|limitation|effect|consequence|cause|problem|challenge|step|stage|phase|part|component|feature|type|form|use)s? (?:of|with|in|to)\b/iu,
  ],
  [
    "definition",
    /什么是|是什么|是啥|啥是|何谓|什么叫|什么意思|指的?是?什么|定义|含义|\bwhat(?: exactly| really| actually| precisely| on earth)?(?:'s|’s| is| are)\b|\bwhat do(?:es)? .* (?:mean|stand for)\b|\bdefin|\bmean|\bexplain\b|\bdescribe\b|\btell me about\b/iu,
  ],
];

/** The kind of a question in either language. */
export function questionKind(question: string): QuestionKind {
  return patterns.find(([, pattern]) => pattern.test(question))?.[0] ?? "other";
}

/** Whether a question of this kind wants one particular fact: a name, a date, a place, an amount. */
export function asksForFact(kind: QuestionKind): boolean {
  return kind === "date" || kind === "amount" || kind === "person" || kind === "place";
}
