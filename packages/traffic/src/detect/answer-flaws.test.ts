import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addPiece,
  addToolArguments,
  createAnswerWatch,
  flawOfAnswer,
  type AnswerEnd,
  type AnswerWants,
} from "./answer-flaws.ts";

/** Judges a text that comes in pieces of four characters, as tokens do. */
function judge(text: string, wants: AnswerWants = {}, end: AnswerEnd = "whole") {
  const watch = createAnswerWatch(wants);
  for (let at = 0; at < text.length; at += 4) addPiece(watch, text.slice(at, at + 4));
  return flawOfAnswer(watch, end);
}

const ENGLISH =
  "The governor measures the speed of the engine and corrects its valve, all the time, without being asked. When the load rises the balls fall, the valve opens, and the speed comes back; when it falls they rise and the valve closes. The idea is older than the steam engine: windmills had it.";
const CHINESE =
  "调速器不断测量发动机的转速，并自动修正阀门。负载升高时，飞球下落，阀门打开，转速恢复；负载降低时，飞球上升，阀门关闭。这个想法比蒸汽机还要古老，风车早就用过它，而且至今仍在各种控制系统里使用。";
const RUSSIAN =
  "Регулятор всё время измеряет скорость двигателя и сам поправляет заслонку. Когда нагрузка растёт, шары опускаются, заслонка открывается, и скорость возвращается. Эта мысль старше паровой машины: она была уже у ветряных мельниц, и живёт до сих пор.";
const JAPANESE =
  "調速機はエンジンの回転数をいつも測り、弁をひとりでに直します。負荷が上がると玉が下がり、弁が開いて、回転数が戻ります。この考えは蒸気機関よりも古く、風車がすでに使っていました。今でもいろいろな制御のしくみの中で使われています。";

describe("flaws of an answer", () => {
  it("empty: no content that can be seen, unless a limit, a filter or the question is the reason", () => {
    expect(judge("")).toBe("empty");
    expect(judge(" \n\n\t ")).toBe("empty");
    expect(judge("", {}, "cut")).toBeUndefined();
    expect(judge("", {}, "filtered")).toBeUndefined();
    expect(judge("", { mayBeEmpty: true })).toBeUndefined();
    const watch = createAnswerWatch({});
    addToolArguments(watch, 0, "{}");
    expect(flawOfAnswer(watch, "whole")).toBeUndefined();
  });

  it.each<[string, string]>([
    ["one word", "the ".repeat(400)],
    ["one sign, as engines with broken kernels write", `Sure! ${"!".repeat(2_000)}`],
    ["a sentence after a good beginning", `${ENGLISH} ${"I am sorry, I cannot do that. ".repeat(60)}`],
    ["a paragraph", `${ENGLISH} ${`${ENGLISH.slice(0, 270)}\n\n`.repeat(8)}`],
    ["Chinese", `${CHINESE}${"我明白了。".repeat(400)}`],
    ["cut in the middle of a turn", "and then they went home, ".repeat(80).slice(0, -7)],
  ])("loop: %s", (_what, text) => {
    expect(judge(text, {}, "cut")).toBe("loop");
    expect(judge(text)).toBe("loop");
  });

  it.each<[string, string, AnswerWants]>([
    ["a ruler", `${ENGLISH}\n${"-".repeat(3_000)}`, {}],
    ["an empty table", `| a | b |\n${"|   |   |\n".repeat(300)}`, {}],
    ["a matrix of noughts", "[0, 0, 0, 0, 0, 0],\n".repeat(200), {}],
    ["a loop that came to its end", `${"yes ".repeat(600)}${ENGLISH} ${CHINESE}`, {}],
    ["four turns of a chorus", `${ENGLISH}\n\n`.repeat(4), {}],
    ["what was asked for", "all work and no play ".repeat(100), { question: "Write 'all work and no play' 100 times" }],
    ["numbered lines", Array.from({ length: 300 }, (_, line) => `${line}. the same words in each line`).join("\n"), {}],
    [
      "code with like lines",
      Array.from({ length: 80 }, (_, at) => `    case ${at}: return "${at % 7}";`).join("\n"),
      {},
    ],
    ["a short answer", "no no no no no no no no", {}],
  ])("no loop: %s", (_what, text, wants) => {
    expect(judge(text, wants)).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ["English for Chinese", "这个调速器是怎么工作的？请解释一下。", ENGLISH],
    ["Chinese for English", "How does this governor work, and why?", CHINESE],
    ["Russian for English", "How does this governor work, and why?", RUSSIAN],
    ["Japanese for Chinese", "这个调速器是怎么工作的？请解释一下。", JAPANESE],
    ["Chinese for Japanese", "この調速機はどのように動きますか。", CHINESE],
  ])("language: %s", (_what, question, text) => {
    expect(judge(text, { question })).toBe("language");
  });

  it.each<[string, AnswerWants, string]>([
    ["the same language", { question: "How does this governor work?" }, ENGLISH],
    ["the same in Chinese", { question: "这个调速器是怎么工作的？请解释一下。" }, CHINESE],
    ["a translation", { question: "Translate to Russian: the governor measures the speed." }, RUSSIAN],
    ["a translation, asked in Chinese", { question: "把下面这句话翻译一下：调速器测量转速。" }, ENGLISH],
    [
      "another language asked for in the instructions",
      { question: "How does this governor work?", instructions: "请始终回答。" },
      CHINESE,
    ],
    [
      "English instructions before a Chinese question",
      { question: "这个调速器是怎么工作的？请解释一下。", instructions: "You are a helpful bot." },
      ENGLISH,
    ],
    [
      "code between fences",
      { question: "请写一个快速排序，并且解释它。" },
      `好的，这里是排序：\n\`\`\`js\n${ENGLISH}\n\`\`\`\n就是这样。`,
    ],
    [
      "a quote in the other language",
      { question: "这个调速器是怎么工作的？请解释一下。" },
      `${CHINESE.slice(0, 40)} “${ENGLISH}”`,
    ],
    ["names and numbers", { question: "这个调速器是怎么工作的？请解释一下。" }, "James Watt, Matthew Boulton, 1788"],
    ["a short question", { question: "为什么？" }, ENGLISH],
    ["no question known", {}, RUSSIAN],
  ])("no other language: %s", (_what, wants, text) => {
    expect(judge(text, wants)).toBeUndefined();
  });

  it("schema: content that is no JSON where it was demanded, or lacks a name", () => {
    const json = { required: ["answer"] };
    expect(judge('{"answer": 42}', { json })).toBeUndefined();
    expect(judge('{"answer": 42', { json })).toBe("schema");
    expect(judge('{"answer": 42', { json }, "cut")).toBeUndefined();
    expect(judge('{"other": 42}', { json })).toBe("schema");
    expect(judge("[1]", { json })).toBe("schema");
    expect(judge("[1]", { json: {} })).toBeUndefined();
    expect(judge('```json\n{"answer": 42}\n```', { json })).toBe("schema");
    const numbers = Array.from({ length: 20_000 }, (_, at) => at).join();
    expect(judge(`[${numbers.slice(0, 30_000)}`, { json: {} })).toBe("schema");
    expect(judge(`[${numbers}`, { json: {} })).toBeUndefined();
  });

  it("schema: arguments of a tool that cannot be read", () => {
    const call = (...pieces: readonly [number, string][]) => {
      const watch = createAnswerWatch({ json: {} });
      for (const [at, piece] of pieces) addToolArguments(watch, at, piece);
      return flawOfAnswer(watch, "whole");
    };
    expect(call([0, '{"city":'], [1, "{}"], [0, '"Paris"}'])).toBeUndefined();
    expect(call([0, ""])).toBeUndefined();
    expect(call([0, '{"city":'], [1, "{}"])).toBe("schema");
  });

  it("property: is the same however the text is cut into pieces", () => {
    const texts = fc.constantFrom(
      "the ".repeat(400),
      ENGLISH.repeat(3),
      CHINESE,
      `\`\`\`${RUSSIAN}\`\`\``,
      "x".repeat(9_000),
    );
    fc.assert(
      fc.property(texts, fc.integer(), (text, seed) => {
        const random = seededRandom(seed);
        const wants = { question: "How does this governor work, and why?" };
        const watch = createAnswerWatch(wants);
        for (let at = 0; at < text.length;) {
          const length = 1 + Math.floor(random() ** 4 * 6_000);
          addPiece(watch, text.slice(at, at + length));
          at += length;
        }
        expect(flawOfAnswer(watch, "cut")).toBe(judge(text, wants, "cut"));
        expect(watch.tail.units.length).toBeLessThanOrEqual(4_096);
      }),
      { numRuns: 60 },
    );
  });

  it("property: words drawn by chance are no flaw", () => {
    const random = seededRandom(11);
    const words = ENGLISH.split(" ");
    for (let text = 0; text < 200; text += 1) {
      const drawn = Array.from({ length: 600 }, () => words[Math.floor(random() * words.length)]).join(" ");
      expect(judge(drawn, { question: "How does this governor work, and why?" })).toBeUndefined();
    }
  });
});
