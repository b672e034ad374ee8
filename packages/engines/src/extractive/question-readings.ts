// What people write around a question: a clause before it that says why they ask, one after it that excuses them. Only the
// clauses that ask are held against the passages; the others may name the subject that "what is it?" points at.

/** Clauses of one question that are read; later ones are dropped, which bounds the work. */
const maxClauses = 12;

const sentenceEnd =
  /(?<=[.!?])\s+|[;:—]\s*|\s-\s|[。；！？：…?]|(?<=\p{Script=Han}[^，,]*)[，,]|[，,](?=[^，,]*\p{Script=Han})/u;

/** A comma parts clauses in English where a clause begins after it, not in a list. */
const clauseStart =
  /,\s+(?=(?:(?:so|and|but|or|then|now|hence|i mean)\s+)?(?:what|why|how|which|who|where|when|in (?:what|which)|can|could|is|isn['’]t|are|aren['’]t|do|does|did|would|will|should|please|explain|describe|define|remind|clarify|tell|help|give|show|i|i['’]m|i['’]ve|we|we['’]re|my|our|because|since|as|everyone|everybody|someone|somebody|people|they|if|that|for some(?:one|body))\b)/iu;

/** An occasion told beside what is asked, without a comma: "when people talk to it", 聊天的时候说的. */
const occasion =
  /(?<=\w)\s+(?=(?:when|because|since|while) (?:i|we|you|they|he|she|people|someone|somebody|everyone|our|my)\b|in (?:our|my)\b|and (?:please )?(?:explain|describe|define|tell|clarify)\b)|(?<=\b(?:know|remind me|remind us|understand|understood|wonder|wondering|asked|asked me|asks|clue|idea|sure|forget|forgot|forgotten|figure out|see|and need|and want))\s+(?=(?:what|why|how|which|explain)\b)|(?<=\p{Script=Han})(?:的时候|时)(?=所?说的|提到的|讲的)/iu;

const asking =
  /什么|啥|怎么|咋|怎样|如何|为何|干嘛|干吗|吗$|哪|谁|多少|多大|多久|几|区别|区分|不同|不一样|差别|差异|差在|关系|是否|是不是|解释|介绍|科普|讲讲|讲一下|说说|\b(?:what|what['’]s|whats|why|how|how['’]s|which|who|who['’]s|whose|where|where['’]s|when['’]s|explain|describe|define|tell|difference|differ|untangle|sum up|distinction|meant|meaning)\b|^(?:when|is|are|do|does|did|can|could|should|would|will|has|have)\b/iu;

/** "When we deploy, …", "where I work" and "how people say" tell when, not what is asked. */
const telling =
  /^(?:when|where|whenever|while|as|if) (?:i|we|you|they|people|our|my|the|it|somebody|someone)\b(?!.*\?$)/iu;

/** The clauses of a question that ask, in order; empty when it is all one clause or when none asks. */
export function readingsOf(question: string): string[] {
  const clauses = clausesOf(question);
  if (clauses.length < 2) return [];
  return clauses.filter((text) => asking.test(text) && !telling.test(text));
}

function clausesOf(question: string): string[] {
  return question
    .normalize("NFKC")
    .split(sentenceEnd)
    .flatMap((sentence) => sentence.split(clauseStart))
    .flatMap((clause) => clause.split(occasion))
    .map((clause) => clause.trim().replace(/[.!?,]+$/u, ""))
    .filter((clause) => /[\p{L}\p{N}]/u.test(clause))
    .slice(0, maxClauses);
}
