// `${VAR}` and its relatives in a text. Load-time variables are filled in when the manifest is read; `${secrets.x}` and the like are
// recognised and left for the start of an instance. `$$` is a literal `$`; a `$` before anything else stays as it is.

/** A piece of a text. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "variable";
      readonly name: string;
      /** Used when the variable is unset or empty. */
      readonly fallback?: readonly TemplatePart[];
      /** Shown when the variable is unset or empty. */
      readonly complaint?: string;
    }
  /** `secrets.pg`, without the braces. */
  | { readonly kind: "placeholder"; readonly name: string }
  /** `$${secrets.pg}`: a literal text that looks like a placeholder. */
  | { readonly kind: "escaped"; readonly name: string };

/** The pieces, or what is wrong. */
export type ParsedTemplate =
  | { readonly ok: true; readonly parts: readonly TemplatePart[] }
  | { readonly ok: false; readonly message: string };

const MOST_NESTED = 8;
const FORMS = "write ${NAME}, ${NAME:-default} or ${NAME:?message}, or $$ for a literal $";

class TemplateError extends Error {}

/** Splits a text into its pieces. */
export function parseTemplate(text: string): ParsedTemplate {
  try {
    const { parts } = parseParts(text, 0, 0);
    return { ok: true, parts };
  } catch (error) {
    if (error instanceof TemplateError) return { ok: false, message: error.message };
    throw error;
  }
}

/** Reads until the end, or inside a default (`depth` > 0) until its closing brace. */
function parseParts(text: string, from: number, depth: number): { parts: TemplatePart[]; end: number } {
  const parts: TemplatePart[] = [];
  let literal = "";
  let at = from;
  const flush = (): void => {
    if (literal !== "") parts.push({ kind: "text", text: literal });
    literal = "";
  };
  while (at < text.length) {
    const character = text[at] as string;
    if (depth > 0 && character === "}") break;
    if (character !== "$") {
      literal += character;
      at += 1;
    } else if (text[at + 1] === "$") {
      const name = escapedPlaceholder(text, at + 2);
      if (name === undefined) literal += "$";
      else {
        flush();
        parts.push({ kind: "escaped", name });
      }
      at += name === undefined ? 2 : name.length + 4;
    } else if (text[at + 1] === "{") {
      flush();
      const { part, end } = parseExpression(text, at + 2, depth + 1);
      parts.push(part);
      at = end;
    } else {
      literal += "$";
      at += 1;
    }
  }
  flush();
  return { parts, end: at };
}

function escapedPlaceholder(text: string, at: number): string | undefined {
  return /^\{((?:secrets|instance|services)\.[^}]{0,128})\}/.exec(text.slice(at, at + 160))?.[1];
}

function parseExpression(text: string, from: number, depth: number): { part: TemplatePart; end: number } {
  if (depth > MOST_NESTED) throw new TemplateError("variables are nested deeper than 8 levels");
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.slice(from, from + 256))?.[0];
  const close = text.indexOf("}", from);
  if (close < 0) throw new TemplateError(`"\${${text.slice(from, from + 20)}" has no closing brace; ${FORMS}`);
  const whole = text.slice(from, close);
  if (name === undefined) throw new TemplateError(`"\${${whole}}" is not a variable; ${FORMS}`);
  const after = from + name.length;
  const operator = text.slice(after, after + 2);
  if (text[after] === "}") return { part: { kind: "variable", name }, end: after + 1 };
  if (text[after] === ".") return { part: { kind: "placeholder", name: whole }, end: close + 1 };
  if (operator === ":-") {
    const { parts, end } = parseParts(text, after + 2, depth);
    if (text[end] !== "}") throw new TemplateError(`the default of "\${${name}" has no closing brace`);
    return { part: { kind: "variable", name, fallback: parts }, end: end + 1 };
  }
  if (operator === ":?") {
    return { part: { kind: "variable", name, complaint: text.slice(after + 2, close) }, end: close + 1 };
  }
  throw new TemplateError(`"\${${whole}}" is not understood; ${FORMS}`);
}
