// Fills the load-time variables of one text and lists the start-time placeholders that stay.
import { parseTemplate, type TemplatePart } from "./parse-template.ts";

/** What is known when a manifest is read. */
export interface VariableSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names that were asked for are added here. */
  readonly used: Set<string>;
}

/** A text with its variables filled in. */
export interface InterpolatedText {
  readonly text: string;
  /** `secrets.pg`, without the braces. */
  readonly placeholders: readonly string[];
  /** Literal texts that look like placeholders. Where placeholders are filled they cannot be told from real ones. */
  readonly escaped: readonly string[];
  /** What could not be filled in, as sentences. */
  readonly complaints: readonly string[];
}

/** Fills one text. With complaints the text is of no use. */
export function interpolateText(template: string, source: VariableSource): InterpolatedText {
  const parsed = parseTemplate(template);
  if (!parsed.ok) return { text: template, placeholders: [], escaped: [], complaints: [parsed.message] };
  const placeholders: string[] = [];
  const escaped: string[] = [];
  const complaints: string[] = [];
  const fill = (parts: readonly TemplatePart[]): string => parts.map(fillPart).join("");
  const fillPart = (part: TemplatePart): string => {
    if (part.kind === "text") return part.text;
    if (part.kind === "placeholder") {
      placeholders.push(part.name);
      return `\${${part.name}}`;
    }
    if (part.kind === "escaped") {
      escaped.push(part.name);
      return `\${${part.name}}`;
    }
    source.used.add(part.name);
    const value = Object.hasOwn(source.environment, part.name) ? source.environment[part.name] : undefined;
    const isEmpty = value === undefined || value === "";
    if (part.fallback !== undefined) return isEmpty ? fill(part.fallback) : value;
    if (part.complaint !== undefined && isEmpty) {
      complaints.push(`the variable ${part.name} is not set${part.complaint === "" ? "" : `: ${part.complaint}`}`);
    } else if (value === undefined) {
      complaints.push(`the variable ${part.name} is not set; set it, or write \${${part.name}:-default}`);
    }
    return value ?? "";
  };
  return { text: fill(parsed.parts), placeholders, escaped, complaints };
}
