// The one form of an error on the command line: what failed and why, one thing to try, the code. A stack only for a defect of ours.
import { ERROR_TABLE, type ErrorCode, type FlyballError, isFlyballError } from "@flyball/core";
import type { Language } from "../messages/language.ts";
import { type LocalText, translateText } from "../messages/localised-error.ts";
import { fillPlaceholders, type Translate } from "../messages/translate.ts";
import type { Output } from "./output.ts";

/** How to say it. */
export interface ReportOptions {
  readonly output: Output;
  readonly translate: Translate;
  readonly language: Language;
}

/** An error as it is shown and as `-o json` writes it to stderr. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Prints the error to stderr and answers the exit code. */
export async function reportError(error: unknown, options: ReportOptions): Promise<number> {
  const { output, translate } = options;
  const style = output.noteStyle;
  if (!isFlyballError(error)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    output.note(`${style.red("✗")} ${translate("error.unexpected")}\n${stack}`);
    output.note(translate("error.report-it"));
    return 1;
  }
  const report = await describeError(error, options);
  if (output.format !== "text") {
    const { localised: _texts, ...details } = error.details;
    output.note(JSON.stringify({ error: { ...report, details } }));
    return error.definition.exitCode;
  }
  output.note(`${style.red("✗")} ${report.message}`);
  if (report.hint !== "") output.note(`  ${report.hint}`);
  output.note(style.dim(`  ${error.code}`));
  if (error.definition.kind === "bug" && error.stack !== undefined) output.note(style.dim(error.stack));
  return error.definition.exitCode;
}

/** Message and hint in the reader's language. */
export async function describeError(
  error: FlyballError,
  { translate, language }: Pick<ReportOptions, "translate" | "language">,
): Promise<ErrorReport> {
  const template = language === "zh" ? await chineseTemplate(error.code) : undefined;
  const { message, hint } = template ?? ERROR_TABLE[error.code];
  const details: Record<string, string> = Object.fromEntries(
    Object.entries(error.details).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const localised = (error.details["localised"] ?? {}) as Readonly<Record<string, LocalText>>;
  details["command"] ??= "flyball --help";
  for (const [name, text] of Object.entries(localised)) details[name] = translateText(text, translate);
  // A reason of several lines begins on a line of its own.
  const filled = fillPlaceholders(message, details).replaceAll(/[ \t]+\n/g, "\n");
  return { code: error.code, message: filled, hint: fillPlaceholders(hint, details) };
}

async function chineseTemplate(
  code: ErrorCode,
): Promise<{ readonly message: string; readonly hint: string } | undefined> {
  const { zhErrors } = await import("../messages/zh-errors.ts");
  return (zhErrors as Readonly<Partial<Record<ErrorCode, { message: string; hint: string }>>>)[code];
}
