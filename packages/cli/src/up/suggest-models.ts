// What stands ready on this machine but was not chosen: named as a suggestion, never used silently.
import type { Translate } from "../messages/translate.ts";
import { type FetchJson, ollamaModelNames } from "./list-models.ts";
import { ollamaAddress } from "./model-amendment.ts";

/** An Ollama that does not answer in this time is not there; `up` does not wait for it longer. */
const OLLAMA_PATIENCE_MS = 150;

/** What suggestions are made of. */
export interface SuggestionSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetchJson: FetchJson;
  readonly translate: Translate;
  /** What to type before `--model`: `flyball up`. */
  readonly upCommand: string;
}

/** One sentence for each thing found. */
export async function suggestModels(sources: SuggestionSources): Promise<readonly string[]> {
  const { environment, translate, upCommand } = sources;
  const found: string[] = [];
  if (environment["OPENAI_API_KEY"])
    found.push(translate("suggest.openai", { command: `${upCommand} --model openai` }));
  const model = await firstOllamaModel(sources);
  if (model !== undefined) found.push(translate("suggest.ollama", { model, command: `${upCommand} --model ollama` }));
  return found;
}

async function firstOllamaModel({ environment, fetchJson }: SuggestionSources): Promise<string | undefined> {
  try {
    const url = `${ollamaAddress(environment)}/api/tags`;
    return ollamaModelNames(await fetchJson({ url, timeoutMs: OLLAMA_PATIENCE_MS }))[0];
  } catch {
    return undefined;
  }
}
