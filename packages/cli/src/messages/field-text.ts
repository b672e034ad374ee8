// Text fields of what control answers: each has its English form, and beside it perhaps what it was composed of.
import type { Composed, ComposedText } from "@flyball/core";
import type { Translate } from "./translate.ts";

/** A text field of what control said, in the reader's language where that is known, else in English. */
export function fieldText<Field extends string>(
  object: Composed<Field> & { readonly [Name in Field]: string },
  field: Field,
  translate: Translate,
): string;
export function fieldText<Field extends string>(
  object: Composed<Field> & { readonly [Name in Field]?: string | undefined },
  field: Field,
  translate: Translate,
): string | undefined;
export function fieldText<Field extends string>(
  object: Composed<Field> & { readonly [Name in Field]?: string | undefined },
  field: Field,
  translate: Translate,
): string | undefined {
  const text: ComposedText | undefined = object.composed?.[field];
  return (text && translate.composed(text)) ?? object[field];
}
