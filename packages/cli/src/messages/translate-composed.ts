// What control composed, in the reader's language. A text that this program does not know (another version of control wrote it) is not
// half translated: the English form that came with it is shown.
import type { ComposedText } from "@flyball/core";
import { fillPlaceholders } from "./translate.ts";

/** The texts of control and the error table in one language. */
export interface ComposedTexts {
  readonly control: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, { readonly message: string; readonly hint: string }>>;
}

/** Binds the texts; the function answers undefined for a text that is not among them. */
export function createComposedTranslate(texts: ComposedTexts): (text: ComposedText) => string | undefined {
  const translate = ({ key, values }: ComposedText): string | undefined => {
    const template = templateOf(texts, key);
    if (template === undefined) return undefined;
    const filled: Record<string, string | number> = {};
    for (const [name, value] of Object.entries(values)) {
      const said = typeof value === "object" ? translate(value) : value;
      if (said === undefined) return undefined;
      filled[name] = said;
    }
    return fillPlaceholders(template, filled).trimEnd();
  };
  return translate;
}

function templateOf({ control, errors }: ComposedTexts, key: string): string | undefined {
  if (Object.hasOwn(control, key)) return control[key];
  const [part, code = ""] = key.split(".");
  if (!Object.hasOwn(errors, code) || (part !== "message" && part !== "hint")) return undefined;
  return errors[code]?.[part];
}
