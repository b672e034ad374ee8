// Reads options and positionals with their type; what does not fit is a usage error that says what was seen and what is expected.
import { usageError } from "../messages/localised-error.ts";
import type { CommandInput } from "./command-context.ts";

/** A text option; undefined when absent. */
export function textOption(input: CommandInput, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === "string" ? value : undefined;
}

/** Whether a flag was given. */
export function flagOption(input: CommandInput, name: string): boolean {
  return input.options[name] === true;
}

/** An option that may be given more than once. */
export function listOption(input: CommandInput, name: string): readonly string[] {
  const value = input.options[name];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}

/** A whole number within bounds; FB_CLI_USAGE otherwise. */
export function numberOption(
  input: CommandInput,
  name: string,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  const text = textOption(input, name);
  return text === undefined ? undefined : parseWholeNumber(text, `--${name}`, bounds);
}

/** A whole number within bounds; FB_CLI_USAGE names what it stands for. */
export function parseWholeNumber(
  text: string,
  what: string,
  bounds: { readonly min: number; readonly max: number },
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= bounds.min && value <= bounds.max) return value;
  throw usageError("usage.whole-number", { what, min: bounds.min, max: bounds.max, seen: text });
}
