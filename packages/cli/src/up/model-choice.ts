// `--model` as it was typed: `openai`, `ollama` or a URL, for the app's only model or, as `alias=choice`, for a named one.
import type { AppSpec } from "@flyball/core";
import { localisedError, localText } from "../messages/localised-error.ts";

/** What `--model` says. */
export interface ModelChoice {
  /** As it was typed, for messages. */
  readonly text: string;
  readonly alias: string;
  readonly source:
    | { readonly kind: "openai" }
    | { readonly kind: "ollama" }
    | { readonly kind: "url"; readonly url: string };
}

/** Reads the option; FB_CLI_MODEL_UNUSABLE when the alias or the choice is unknown. */
export function parseModelChoice(text: string, spec: AppSpec): ModelChoice {
  const named = /^([a-z][a-z0-9-]*)=(.+)$/.exec(text);
  const choice = named?.[2] ?? text;
  return { text, alias: aliasOf(named?.[1], text, spec), source: sourceOf(choice, text) };
}

function aliasOf(named: string | undefined, text: string, spec: AppSpec): string {
  const aliases = Object.keys(spec.models);
  const names = aliases.join(", ");
  if (named !== undefined && aliases.includes(named)) return named;
  const [only] = aliases;
  if (only === undefined) throw unusable(text, localText("model.app-has-none", {}), localText("model.see-docs", {}));
  if (named !== undefined)
    throw unusable(
      text,
      localText("model.unknown-alias", { alias: named, names }),
      localText("model.name-one", { alias: only }),
    );
  if (aliases.length > 1)
    throw unusable(text, localText("model.several", { names }), localText("model.name-one", { alias: only }));
  return only;
}

function sourceOf(choice: string, text: string): ModelChoice["source"] {
  if (choice === "openai" || choice === "ollama") return { kind: choice };
  if (/^https?:\/\/[^\s/?#@]+/.test(choice) && URL.canParse(choice))
    return { kind: "url", url: choice.replace(/\/+$/, "") };
  throw unusable(text, localText("model.unknown-choice", { choice }), localText("model.choices", {}));
}

function unusable(choice: string, reason: ReturnType<typeof localText>, remedy: ReturnType<typeof localText>): Error {
  return localisedError("FB_CLI_MODEL_UNUSABLE", { reason, remedy }, { choice });
}
