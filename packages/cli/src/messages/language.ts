// Which language to speak: `--lang`, else the locale of the terminal in POSIX order.
import { en } from "./en.ts";
import { createComposedTranslate } from "./translate-composed.ts";
import { createTranslate, type Translate } from "./translate.ts";

/** The languages of the catalogue. */
export type Language = "en" | "zh";

/** LC_ALL before LC_MESSAGES before LANG; the first that is set decides, `zh…` is Chinese, all else English. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || "";
  return /^zh/i.test(locale) ? "zh" : "en";
}

/** The value of `--lang` in raw arguments, read before the commands are built because their help is in that language. */
export function languageOption(argv: readonly string[]): Language | undefined {
  const end = argv.indexOf("--");
  const seen = end < 0 ? argv : argv.slice(0, end);
  const index = seen.findIndex((word) => word === "--lang" || word.startsWith("--lang="));
  if (index < 0) return undefined;
  const word = seen[index] ?? "";
  const value = word.includes("=") ? word.slice("--lang=".length) : seen[index + 1];
  return value === "en" || value === "zh" ? value : undefined;
}

/** Loads the texts of one language; those of the other are not read. */
export async function loadTranslate(language: Language): Promise<Translate> {
  if (language === "en") return createTranslate(en);
  const [{ zh }, { zhControl }, { zhErrors }] = await Promise.all([
    import("./zh.ts"),
    import("./zh-control.ts"),
    import("./zh-errors.ts"),
  ]);
  return createTranslate(zh, createComposedTranslate({ control: zhControl, errors: zhErrors }));
}
