// Turns text into search tokens. SQLite's own tokenizers either take a run of Han characters as one word or need three
// of them, so two-character Chinese words (缓存, 模型) would not be found; here a run gives its words and all its bigrams.
// English words are lower-cased and lightly stemmed. Index and query use the same code.

import { sameWords } from "./same-words.ts";

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });
const hanRun = /\p{Script=Han}+/gu;
const onlyHan = /^\p{Script=Han}+$/u;

/** Changes when the tokens of the same text would change, so that a stored index is known to be stale. */
export const tokensVersion = `2/${process.versions["icu"] ?? ""}`;

/** Most tokens of one query; later ones are dropped. */
const maximumQueryTokens = 128;

/** All tokens of a text, repeated as often as they occur. */
export function tokenise(text: string): string[] {
  const plain = text.normalize("NFKC").toLowerCase();
  const tokens: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(plain)) {
    if (isWordLike !== true) continue;
    if (!onlyHan.test(segment)) tokens.push(stem(segment.replace(/['’]s$/, "")));
    else if (segment.length !== 2) tokens.push(segment);
  }
  for (const [run] of plain.matchAll(hanRun)) {
    const characters = Array.from(run);
    for (let index = 0; index + 1 < characters.length; index += 1) {
      tokens.push(`${characters[index]}${characters[index + 1]}`);
    }
  }
  return tokens;
}

/** The distinct tokens that say what a question is about. */
export function subjectTokens(question: string): string[] {
  return [...new Set(tokenise(bareQuestion(question)).filter(isSubject))];
}

/** The distinct tokens of a query and of other words for the same, without words that only make it a question. Empty when nothing else is left. */
export function queryTokens(query: string): string[] {
  const words = [...subjectTokens(query), ...tokenise(sameWords(bareQuestion(query)).join(" | ")).filter(isSubject)];
  return [...new Set(words)].slice(0, maximumQueryTokens);
}

function bareQuestion(question: string): string {
  return question.normalize("NFKC").toLowerCase().replace(chineseQuestionWords, " ");
}

function isSubject(token: string): boolean {
  return !englishStopWords.has(token) && !chineseParticles.has(token);
}

/** Light English stemming: plural, -ing, -ed and a final e. It need not give words, only the same form twice. */
export function stem(word: string): string {
  if (!/^[a-z]{4,}$/.test(word)) return word;
  const singular = word
    .replace(/is(ation|e|ed|es|ing)s?$/, "iz$1")
    .replace(/ies$/, "y")
    .replace(/(ss|sh|ch|x|z)es$/, "$1")
    .replace(/([^su])s$/, "$1");
  const bare = singular.replace(/(?<=[a-z]*[aeiouy][a-z]*[a-z])(?:ing|ed)$/, "");
  const root = bare.length >= 3 ? bare : singular;
  const single = root === singular ? root : root.replace(/([^aeiouylsz])\1$/, "$1");
  return single.length > 4 ? single.replace(/e$/, "") : single;
}

const chineseQuestionWords =
  /请问|请你|谁能|谁知道|求教|求助|跪求|简述|试述|概述|说说|讲讲|解释|介绍|科普|搞懂|搞明白|搞清楚|弄懂|弄明白|弄清楚|咋样|咋回事|咋办|咋|怎么回事|怎么搞|干啥|为啥|啥样|哪里|哪儿|到底|究竟|啥|告诉我|什么是|是什么|什么叫|干什么|指什么|什么样|什么|怎么样|怎么办|怎么|怎样|如何|为什么|为何|何谓|哪些|哪个|哪种|是否|是不是|可以|能否|能不能|有没有|一下|意思|东西|玩意儿?|简单|通俗|吗|呢|吧/gu;

const chineseParticles = new Set("的了是在和与或有我你它它们们这那个把被对为以用做作会要就都也还很着过给让能");

const englishStopWords = new Set(
  (
    "a an the is are was were be been am do does did what which who whom how why when where can could should would " +
    "will shall may might must i me my you your we our it its they their he she this that these those of in on at to " +
    "for from by with about as and or but not if then than so there here please tell explain describe define mean " +
    "meaning definition whats what's it's i'm s t"
  )
    .split(" ")
    .map(stem),
);
