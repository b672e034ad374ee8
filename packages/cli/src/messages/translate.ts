// Texts by key with typed placeholders: the compiler refuses an unknown key, a missing value, and a Chinese text that English lacks.
import type { ComposedText } from "@flyball/core";
import type { en } from "./en.ts";

/** A key of the catalogue. */
export type MessageKey = keyof typeof en;

/** A whole catalogue in one language. */
export type Messages = Readonly<Record<MessageKey, string>>;

type PlaceholderOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderOf<Rest>
  : never;

/** A key whose text needs no values. */
export type PlainMessageKey = {
  [Key in MessageKey]: [PlaceholderOf<(typeof en)[Key]>] extends [never] ? Key : never;
}[MessageKey];

/** The values that a text needs. */
export type MessageValues<Key extends MessageKey> = Readonly<Record<PlaceholderOf<(typeof en)[Key]>, string | number>>;

/** Looks a text up and fills its placeholders. */
export interface Translate {
  <Key extends MessageKey>(
    key: Key,
    ...values: [PlaceholderOf<(typeof en)[Key]>] extends [never] ? [] : [MessageValues<Key>]
  ): string;
  /** What control composed; undefined where its English form is to be shown. */
  readonly composed: (text: ComposedText) => string | undefined;
}

/** Binds a catalogue. Without texts for what control composes, those stay English. */
export function createTranslate(messages: Messages, composed: Translate["composed"] = () => undefined): Translate {
  const translate = <Key extends MessageKey>(key: Key, ...values: readonly MessageValues<Key>[]): string =>
    fillPlaceholders(messages[key], values[0] ?? {});
  return Object.assign(translate, { composed });
}

/** Replaces `{name}`; a name without a value stays as it is. */
export function fillPlaceholders(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
