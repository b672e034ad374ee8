// `flyball config --resolved`: the app as a manifest in YAML.
import { Scalar, stringify } from "yaml";
import type { AppSpec } from "../../app-spec.ts";
import { specToManifest } from "./spec-to-manifest.ts";

/** White space at the beginning or alone in a line is lost in a block of text; such a text is quoted. */
const FRAGILE = /^\s|\n[ \t]+(?:\n|$)/;
const PLACEHOLDER = /\$\{(?:secrets|instance|services)\.[^}]*\}/g;

/** A manifest with every default named. Loading it with the same target gives an equal app. */
export function resolvedToYaml(spec: AppSpec): string {
  return stringify(escapeVariables(specToManifest(spec), []), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  });
}

/** `${HOME}` in a resolved value is text; written to a file it must not be read as a variable. */
function escapeVariables(value: unknown, path: readonly string[]): unknown {
  if (typeof value === "string") return toScalar(escapeText(value, path));
  if (Array.isArray(value)) return value.map((item) => escapeVariables(item, path));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, escapeVariables(member, [...path, key])]),
  );
}

function toScalar(text: string): string | Scalar<string> {
  if (!FRAGILE.test(text)) return text;
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function escapeText(text: string, path: readonly string[]): string {
  if (path[0] === "configs") return text.replaceAll(/\$(?=[${])/g, () => "$$");
  const kept = text.match(PLACEHOLDER) ?? [];
  const parts = text.split(PLACEHOLDER).map((part, index) => {
    const placeholder = kept[index];
    // A `$` right before a placeholder would escape it.
    const before = placeholder === undefined ? /\$(?=[${])/g : /\$(?=[${]|$)/g;
    return part.replaceAll(before, () => "$$") + (placeholder ?? "");
  });
  return parts.join("");
}
