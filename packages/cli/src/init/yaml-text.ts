// Texts as YAML scalars: plain where that is safe, quoted like JSON (which YAML 1.2 contains) everywhere else.

const PLAIN = /^[A-Za-z_./][A-Za-z0-9_./@+-]*$/;
const WORDS_WITH_A_MEANING = /^(?:true|false|null|yes|no|on|off|\.inf|\.nan)$/i;

/** One text. */
export function yamlText(text: string): string {
  return PLAIN.test(text) && !WORDS_WITH_A_MEANING.test(text) ? text : JSON.stringify(text);
}

/** A list on one line. */
export function yamlList(texts: readonly string[]): string {
  return `[${texts.map(yamlText).join(", ")}]`;
}
