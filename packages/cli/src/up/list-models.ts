// Asks a model server which models it has. Only when a person named the server, or to suggest what stands on this machine.

/** How to ask. */
export interface ListModelsRequest {
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly timeoutMs: number;
}

/** GET a URL as JSON; rejects with a sentence. */
export type FetchJson = (request: ListModelsRequest) => Promise<unknown>;

/** GET with a bearer key over the platform's fetch. */
export const fetchJson: FetchJson = async ({ url, apiKey, timeoutMs }) => {
  const response = await fetch(url, {
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
  return await response.json();
};

/** Names in the answer of an OpenAI-compatible `GET /models`. */
export function openAiModelNames(answer: unknown): readonly string[] {
  return namesIn(answer, "data", "id");
}

/** Names in the answer of Ollama's `GET /api/tags`. */
export function ollamaModelNames(answer: unknown): readonly string[] {
  return namesIn(answer, "models", "name");
}

function namesIn(answer: unknown, list: string, name: string): readonly string[] {
  const entries = isRecord(answer) ? answer[list] : undefined;
  if (!Array.isArray(entries)) return [];
  return entries
    .map((entry: unknown) => (isRecord(entry) ? entry[name] : undefined))
    .filter((value): value is string => typeof value === "string" && value !== "");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
