// `--model` as a change of the manifest: the backends of one model are replaced by the one that was named. What costs money or leaves
// the machine is used only because a person typed it.
import { assertNever } from "@flyball/core";
import { localisedError, type LocalText, localText } from "../messages/localised-error.ts";
import { type FetchJson, ollamaModelNames, openAiModelNames } from "./list-models.ts";
import type { ModelChoice } from "./model-choice.ts";

/** What the choice is made of. */
export interface ModelSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetchJson: FetchJson;
}

/** Where an Ollama listens unless OLLAMA_HOST says otherwise. */
export const OLLAMA_ADDRESS = "http://127.0.0.1:11434";

const DEFAULT_OPENAI_MODEL = "gpt-4o-mini";
const ASK_TIMEOUT_MS = 5_000;

/** The amendment; FB_CLI_MODEL_UNUSABLE says what is missing. */
export async function modelAmendment(
  choice: ModelChoice,
  sources: ModelSources,
): Promise<Readonly<Record<string, unknown>>> {
  switch (choice.source.kind) {
    case "openai":
      return openAi(choice, sources);
    case "ollama":
      return await ollama(choice, sources);
    case "url":
      return await customUrl(choice, choice.source.url, sources);
    default:
      return assertNever(choice.source);
  }
}

function openAi(choice: ModelChoice, { environment }: ModelSources): Readonly<Record<string, unknown>> {
  if (!environment["OPENAI_API_KEY"])
    throw unusable(
      choice,
      localText("secret.variable-missing", { variable: "OPENAI_API_KEY" }),
      localText("secret.export-it", { variable: "OPENAI_API_KEY" }),
    );
  const baseUrl = environment["OPENAI_BASE_URL"];
  const backend = {
    provider: "openai",
    model: environment["OPENAI_MODEL"] || DEFAULT_OPENAI_MODEL,
    api_key: "${secrets.openai-api-key}",
    ...(baseUrl ? { base_url: baseUrl.replace(/\/+$/, "") } : {}),
  };
  return { ...replaceBackends(choice.alias, backend), secrets: { "openai-api-key": { env: "OPENAI_API_KEY" } } };
}

async function ollama(choice: ModelChoice, sources: ModelSources): Promise<Readonly<Record<string, unknown>>> {
  const address = ollamaAddress(sources.environment);
  const named = sources.environment["OLLAMA_MODEL"];
  const model = named || (await firstModel(choice, sources, { url: `${address}/api/tags`, namesIn: ollamaModelNames }));
  return replaceBackends(choice.alias, { provider: "ollama", base_url: `${address}/v1`, model });
}

async function customUrl(
  choice: ModelChoice,
  url: string,
  sources: ModelSources,
): Promise<Readonly<Record<string, unknown>>> {
  const apiKey = sources.environment["FLYBALL_MODEL_API_KEY"] || undefined;
  const model = await firstModel(choice, sources, { url: `${url}/models`, apiKey, namesIn: openAiModelNames });
  const backend = { provider: "custom", base_url: url, model };
  if (apiKey === undefined) return replaceBackends(choice.alias, backend);
  return {
    ...replaceBackends(choice.alias, { ...backend, api_key: "${secrets.model-api-key}" }),
    secrets: { "model-api-key": { env: "FLYBALL_MODEL_API_KEY" } },
  };
}

/** `http://host:port` of OLLAMA_HOST, which may lack the scheme. */
export function ollamaAddress(environment: ModelSources["environment"]): string {
  const host = environment["OLLAMA_HOST"];
  if (!host) return OLLAMA_ADDRESS;
  const url = /^https?:\/\//.test(host) ? host : `http://${host}`;
  return URL.canParse(url) ? url.replace(/\/+$/, "").replace("//0.0.0.0", "//127.0.0.1") : OLLAMA_ADDRESS;
}

async function firstModel(
  choice: ModelChoice,
  sources: ModelSources,
  question: {
    readonly url: string;
    readonly apiKey?: string | undefined;
    readonly namesIn: (answer: unknown) => readonly string[];
  },
): Promise<string> {
  const { url, apiKey, namesIn } = question;
  let answer: unknown;
  try {
    answer = await sources.fetchJson({ url, apiKey, timeoutMs: ASK_TIMEOUT_MS });
  } catch (error) {
    const reason = error instanceof Error ? (causeOf(error) ?? error.message) : String(error);
    throw unusable(choice, localText("model.no-answer", { url, reason }), localText("model.check-server", { url }));
  }
  const [first] = namesIn(answer);
  if (first !== undefined) return first;
  throw unusable(choice, localText("model.server-has-none", { url }), localText("model.check-server", { url }));
}

function causeOf(error: Error): string | undefined {
  return error.cause instanceof Error ? error.cause.message || undefined : undefined;
}

function replaceBackends(alias: string, backend: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { models: { [alias]: { backends: [backend] } } };
}

function unusable(choice: ModelChoice, reason: LocalText, remedy: LocalText): Error {
  return localisedError("FB_CLI_MODEL_UNUSABLE", { reason, remedy }, { choice: choice.text });
}
