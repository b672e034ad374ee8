// Errors whose reason or remedy is a text of the catalogue. The error carries the English text (for logs and scripts) and the key, so
// that the one place that prints it can print it in the reader's language.
import { type ErrorCode, type ErrorDetails, FlyballError } from "@flyball/core";
import { en } from "./en.ts";
import { fillPlaceholders, type MessageKey, type MessageValues, type Translate } from "./translate.ts";

/** A text of the catalogue with its values, not yet in a language. */
export interface LocalText {
  readonly key: MessageKey;
  readonly values: Readonly<Record<string, string | number>>;
}

/** Names a text of the catalogue. */
export function localText<Key extends MessageKey>(key: Key, values: MessageValues<Key>): LocalText {
  return { key, values };
}

/** The text in the reader's language. */
export function translateText(text: LocalText, translate: Translate): string {
  return (translate as (key: MessageKey, values: LocalText["values"]) => string)(text.key, text.values);
}

/** An error whose placeholders (`reason`, `remedy` …) are texts of the catalogue. */
export function localisedError(
  code: ErrorCode,
  texts: Readonly<Record<string, LocalText>>,
  details: ErrorDetails = {},
): FlyballError {
  const english = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, fillPlaceholders(en[text.key], text.values)]),
  );
  return new FlyballError(code, { ...details, ...english, localised: texts });
}

/** A usage error with its reason from the catalogue and a command that helps. */
export function usageError<Key extends MessageKey>(
  key: Key,
  values: MessageValues<Key>,
  command = "flyball --help",
): FlyballError {
  return localisedError("FB_CLI_USAGE", { reason: localText(key, values) }, { command });
}
