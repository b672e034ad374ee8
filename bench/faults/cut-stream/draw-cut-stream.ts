// The picture of a run: a row for each stream with a bar for each word at the moment at which it came. Pure: the same run gives the same bytes.
import { longestPauseMs, wordsBefore, type CutStreamRun, type SeenStream } from "./cut-stream-run.ts";

/** The languages that the README has. */
export type PictureLanguage = "en" | "zh";

interface Words {
  readonly title: string;
  readonly about: string;
  readonly flyball: string;
  readonly plain: string;
  readonly other: string;
  readonly lost: (words: number) => string;
  readonly told: (run: CutStreamRun) => string;
  readonly cost: (run: CutStreamRun) => string;
  readonly axis: string;
}

const WIDTH = 900;
const HEIGHT = 292;
const [LEFT, RIGHT] = [24, WIDTH - 24];
const ROWS = { flyball: 92, plain: 176 } as const;
const BAR = { width: 5, height: 22 } as const;
/** Words of the answer that are written out before the cut and behind it. */
const SHOWN = 3;

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
const lostWords = ({ words, plain }: CutStreamRun): number => words - plain.wordsAt.length;

const WORDS: Readonly<Record<PictureLanguage, Words>> = {
  en: {
    title: "kill -9 of a model server in mid-sentence",
    about: "A bar is a word of a streamed answer, at the moment at which the client got it.",
    flyball: "Flyball, resume: true",
    plain: "plain restart, no gateway",
    other: "goes on at the other instance",
    lost: (words) => `the stream breaks: ${words} words never come`,
    told: (run) =>
      `Flyball: a pause of ${Math.round(longestPauseMs(run.flyball))} ms, then all ${run.words} words, the very text of an undisturbed answer; two instances again after ${seconds(run.flyball.backMs)} s.`,
    cost: (run) =>
      `Plain restart: ${run.plain.wordsAt.length} of ${run.words} words, ${lostWords(run)} lost; two processes again after ${seconds(run.plain.backMs)} s, too late for this client.`,
    axis: "s",
  },
  zh: {
    title: "一句话说到一半，模型服务被 kill -9",
    about: "每根竖条是流式回答中的一个词，位置是客户端收到它的时刻。",
    flyball: "Flyball，resume: true",
    plain: "只有进程重启，没有网关",
    other: "由另一个实例接着说",
    lost: (words) => `流中断：其余 ${words} 个词再也没有到达`,
    told: (run) =>
      `Flyball：停顿 ${Math.round(longestPauseMs(run.flyball))} 毫秒后说完全部 ${run.words} 个词，与未受干扰的回答逐字相同；${seconds(run.flyball.backMs)} 秒后恢复两个实例。`,
    cost: (run) =>
      `只重启进程：收到 ${run.words} 个词中的 ${run.plain.wordsAt.length} 个，丢失 ${lostWords(run)} 个；${seconds(run.plain.backMs)} 秒后恢复两个进程，但这个客户端已经断流。`,
    axis: "秒",
  },
};

const STYLE = `text{font:14px system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;fill:#1b1f24}
.soft{fill:#4d5661;font-size:12px}.head{font-weight:600;font-size:16px}.bad{fill:#a3221c}.good{fill:#0f6b3a}
.back{fill:#fff}.a{fill:#0b62a8}.b{fill:#0f6b3a}.lost{fill:none;stroke:#a3221c;stroke-opacity:.45}
.kill{stroke:#a3221c;stroke-width:2}.axis{stroke:#8b949e;fill:none}
@media (prefers-color-scheme:dark){text{fill:#e8eaed}.soft{fill:#aab2bb}.bad{fill:#ff8f86}.good{fill:#5ecf8d}.back{fill:#14171a}
.a{fill:#6cb6ff}.b{fill:#5ecf8d}.lost{stroke:#ff8f86}.kill{stroke:#ff8f86}.axis{stroke:#6a737d}}`;

const number = (value: number): string => String(Math.round(value * 10) / 10);
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const line = (x: number, y: number, text: string, more = ""): string =>
  `<text x="${number(x)}" y="${y}"${more}>${escaped(text)}</text>`;

/** Draws it in one language. */
export function drawCutStream(run: CutStreamRun, language: PictureLanguage): string {
  const words = WORDS[language];
  const endMs = Math.max(run.flyball.endedAt, run.plain.endedAt) + 100;
  const x = (ms: number): number => LEFT + (ms / endMs) * (RIGHT - LEFT);
  const { flyball, plain } = run;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="t d">
<title id="t">${escaped(words.title)}</title><desc id="d">${escaped(`${words.told(run)} ${words.cost(run)}`)}</desc>
<style>
${STYLE}
</style>
<rect class="back" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
${line(LEFT, 30, words.title, ' class="head"')}
${line(LEFT, 50, words.about, ' class="soft"')}
${drawRow(flyball, ROWS.flyball, x)}
${drawRow(plain, ROWS.plain, x)}
${drawLost(run, x)}
${line(LEFT, ROWS.flyball - 8, words.flyball)}
${line(x(flyball.killedAt) + 8, ROWS.flyball - 8, words.other, ' class="good"')}
${line(LEFT, ROWS.plain - 8, words.plain)}
${line(x(plain.killedAt) + 8, ROWS.plain - 8, words.lost(lostWords(run)), ' class="bad"')}
${drawCut(flyball, run, ROWS.flyball, x)}
${drawCut(plain, run, ROWS.plain, x)}
${drawAxis(endMs, x, words.axis)}
${line(LEFT, 261, words.told(run))}
${line(LEFT, 280, words.cost(run))}
</svg>
`;
}

/** The words of a stream: of the one that was killed, and of the one that went on. */
function drawRow(stream: SeenStream, y: number, x: (ms: number) => number): string {
  const before = wordsBefore(stream);
  const bars = stream.wordsAt.map((at, index) => bar(x(at), y, index < before ? "a" : "b"));
  const killed = number(x(stream.killedAt) + BAR.width / 2);
  return `${bars.join("")}\n<line class="kill" x1="${killed}" x2="${killed}" y1="${y - 20}" y2="${y + BAR.height + 6}"/>`;
}

/** The words around the cut: what was said, and what followed if anything did. */
function drawCut(stream: SeenStream, { text }: CutStreamRun, row: number, x: (ms: number) => number): string {
  const words = text.split(" ");
  const before = wordsBefore(stream);
  const y = row + BAR.height + 17;
  const said = line(
    x(stream.killedAt) - 6,
    y,
    `… ${words.slice(before - SHOWN, before).join(" ")}`,
    ' class="soft" text-anchor="end"',
  );
  const rest = words.slice(before, before + SHOWN).join(" ");
  const isWhole = stream.wordsAt.length === words.length;
  return isWhole ? `${said}\n${line(x(stream.killedAt) + 8, y, `${rest} …`, ' class="soft"')}` : said;
}

/** Where the words would have been that were lost, at the pace of the answer. */
function drawLost(run: CutStreamRun, x: (ms: number) => number): string {
  const { wordsAt } = run.plain;
  const [first = 0] = wordsAt;
  const lastAt = wordsAt.at(-1) ?? 0;
  const paceMs = (lastAt - first) / Math.max(1, wordsAt.length - 1);
  const places = Array.from({ length: lostWords(run) }, (_, index) => x(lastAt + (index + 1) * paceMs));
  return places
    .filter((at) => at + BAR.width <= RIGHT)
    .map((at) => bar(at, ROWS.plain, "lost"))
    .join("");
}

function bar(at: number, y: number, kind: string): string {
  return `<rect class="${kind}" x="${number(at)}" y="${y}" width="${BAR.width}" height="${BAR.height}" rx="1"/>`;
}

function drawAxis(endMs: number, x: (ms: number) => number, unit: string): string {
  const y = ROWS.plain + BAR.height + 28;
  const marks = Array.from({ length: Math.floor(endMs / 1_000) + 1 }, (_, second) => second);
  return [
    `<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/>`,
    ...marks.map((second) => line(x(second * 1_000), y + 15, `${second} ${unit}`, ' class="soft"')),
  ].join("\n");
}
