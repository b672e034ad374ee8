// Makes texts of the catalogue and turns them into plain English for the API, the store and the log. Steps of the loop hand composed
// texts around; they become sentences only where they leave control.
import {
  ERROR_TABLE,
  FlyballError,
  isFlyballError,
  type Composed,
  type ComposedText,
  type ErrorCode,
} from "@flyball/core";
import { CONTROL_TEXTS, type ControlTextKey } from "./control-texts.ts";

type PlaceholderOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderOf<Rest>
  : never;

type Values<Key extends ControlTextKey> = Readonly<
  Record<PlaceholderOf<(typeof CONTROL_TEXTS)[Key]>, string | number | ComposedText>
>;

/** A text of the catalogue with its values; the compiler asks for each placeholder. */
export function composeText<Key extends ControlTextKey>(
  key: Key,
  ...values: [PlaceholderOf<(typeof CONTROL_TEXTS)[Key]>] extends [never] ? [] : [Values<Key>]
): ComposedText {
  return { key, values: values[0] ?? {} };
}

/** Words that are nobody's catalogue: a person's, another program's, or what was stored before texts had keys. */
export function verbatim(text: string): ComposedText {
  return { key: "verbatim", values: { text } };
}

/** The message of an error: with its code where it is one of the error table, so that it can be said in another language. */
export function errorText(error: unknown, part: "message" | "hint" = "message"): ComposedText {
  if (isFlyballError(error)) {
    const details = Object.entries(error.details).map(([name, value]) => [
      name,
      typeof value === "string" || typeof value === "number" ? value : (JSON.stringify(value) ?? ""),
    ]);
    return { key: `${part}.${error.code}`, values: Object.fromEntries(details) as ComposedText["values"] };
  }
  return verbatim(error instanceof Error ? error.message : String(error));
}

/** The text in English. A key that this program does not know (a newer one wrote it) shows its values. */
export function englishOf({ key, values }: ComposedText): string {
  const filled = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === "object" ? englishOf(value) : value]),
  );
  const [part, code] = key.split(".");
  if (code !== undefined && Object.hasOwn(ERROR_TABLE, code)) {
    const error = new FlyballError(code as ErrorCode, filled);
    return part === "hint" ? error.hint : error.message;
  }
  const template =
    (CONTROL_TEXTS as Readonly<Record<string, string>>)[key] ??
    Object.keys(values)
      .map((name) => `{${name}}`)
      .join(" ");
  return template
    .replaceAll(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(filled, name) ? String(filled[name]) : whole))
    .trimEnd();
}

/** The same text without what stands below its first line, for places where one line is enough. */
export function firstLineOf(text: ComposedText): ComposedText {
  const { sentence } = text.values;
  if (typeof sentence === "object") return firstLineOf(sentence);
  const values = Object.entries(text.values).map(([name, value]) => [
    name,
    typeof value === "object" ? firstLineOf(value) : typeof value === "string" ? (value.split("\n")[0] ?? "") : value,
  ]);
  return { key: text.key, values: Object.fromEntries(values) as ComposedText["values"] };
}

/** Fields of an API object or a stored row: the English sentences, and beside them what they were composed of. */
export function textFields<Field extends string>(
  texts: Readonly<Record<Field, ComposedText>>,
): { readonly [Name in Field]: string } & Composed<Field> {
  const given = Object.entries<ComposedText>(texts);
  const composed = given.filter(([, text]) => text.key !== "verbatim");
  return {
    ...Object.fromEntries(given.map(([name, text]) => [name, englishOf(text)])),
    ...(composed.length === 0 ? {} : { composed: Object.fromEntries(composed) }),
  } as { readonly [Name in Field]: string } & Composed<Field>;
}

/** The field `reason`, where there is one. */
export function reasonField(reason: ComposedText | undefined): { readonly reason?: string } & Composed<"reason"> {
  return reason === undefined ? {} : textFields({ reason });
}

/** Takes a field of a stored row up again; one without a composed form is taken word for word. */
export function storedText<Field extends string>(
  row: Composed<Field> & { readonly [Name in Field]: string },
  field: Field,
): ComposedText;
export function storedText<Field extends string>(
  row: Composed<Field> & { readonly [Name in Field]?: string },
  field: Field,
): ComposedText | undefined;
export function storedText<Field extends string>(
  row: Composed<Field> & { readonly [Name in Field]?: string },
  field: Field,
): ComposedText | undefined {
  const english: string | undefined = row[field];
  return row.composed?.[field] ?? (english === undefined ? undefined : verbatim(english));
}
