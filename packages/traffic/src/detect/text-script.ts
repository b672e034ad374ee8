// Which script a text is written in, counted letter by letter while it streams. Scripts tell languages apart only where they differ (Chinese,
// Japanese, Korean, Russian, Arabic, Latin …); two languages of one script are one here, so nothing is said about them.

/** Scripts that are told apart. */
export const SCRIPTS = [
  "latin",
  "greek",
  "cyrillic",
  "hebrew",
  "arabic",
  "devanagari",
  "thai",
  "kana",
  "hangul",
  "han",
] as const;

export type Script = (typeof SCRIPTS)[number];

/** Letters by script; in the order of `SCRIPTS`. */
export type ScriptCounts = Uint32Array;

/** First and last code unit, and the place of the script in `SCRIPTS`. */
const RANGES: readonly (readonly [number, number, number])[] = [
  [0x00c0, 0x024f, 0],
  [0x0370, 0x03ff, 1],
  [0x0400, 0x052f, 2],
  [0x0590, 0x05ff, 3],
  [0x0600, 0x06ff, 4],
  [0x0900, 0x097f, 5],
  [0x0e00, 0x0e7f, 6],
  [0x1100, 0x11ff, 8],
  [0x1e00, 0x1eff, 0],
  [0x3040, 0x30ff, 7],
  [0x3400, 0x4dbf, 9],
  [0x4e00, 0x9fff, 9],
  [0xac00, 0xd7af, 8],
];
/** Japanese prose has at least this share of kana among kana and Han. */
const JAPANESE_SHARE = 0.15;

/** No letters yet. */
export function createScriptCounts(): ScriptCounts {
  return new Uint32Array(SCRIPTS.length);
}

/** Counts the letters of a text from one place to another. */
export function countScripts(counts: ScriptCounts, text: string, from = 0, to: number = text.length): void {
  for (let at = from; at < to; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      const lower = unit | 0x20;
      if (lower >= 0x61 && lower <= 0x7a) counts[0] = (counts[0] ?? 0) + 1;
      continue;
    }
    for (const [first, last, script] of RANGES) {
      if (unit < first) break;
      if (unit <= last) {
        counts[script] = (counts[script] ?? 0) + 1;
        break;
      }
    }
  }
}

/** How many letters there are. */
export function letterCount(counts: ScriptCounts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The share (0–1) of one script among the letters; Han counts as kana where the text is Japanese. */
export function shareOfScript(counts: ScriptCounts, script: Script): number {
  const letters = letterCount(counts);
  return letters === 0 ? 0 : japaneseAsOne(counts)[SCRIPTS.indexOf(script)]! / letters;
}

/** The script that at least `share` of the letters are of; undefined when there is none. */
export function scriptOf(counts: ScriptCounts, share: number): Script | undefined {
  const letters = letterCount(counts);
  if (letters === 0) return undefined;
  const place = japaneseAsOne(counts).findIndex((count) => count / letters >= share);
  return SCRIPTS[place];
}

function japaneseAsOne(counts: ScriptCounts): ScriptCounts {
  const kana = counts[7] ?? 0;
  const han = counts[9] ?? 0;
  if (kana === 0 || kana / (kana + han) < JAPANESE_SHARE) return counts;
  const joined = counts.slice();
  joined[7] = kana + han;
  joined[9] = 0;
  return joined;
}
