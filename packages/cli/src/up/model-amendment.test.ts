import { expect, test } from "vitest";
import { makeModel, makeService, makeSpec } from "../testing/make-status.ts";
import type { ListModelsRequest } from "./list-models.ts";
import { modelAmendment, type ModelSources, ollamaAddress } from "./model-amendment.ts";
import { parseModelChoice } from "./model-choice.ts";

const spec = makeSpec([makeService("engine")], { models: { chat: makeModel("chat") } });
const two = makeSpec([], { models: { chat: makeModel("chat"), embed: makeModel("embed") } });

function sources(
  environment: Record<string, string>,
  answer?: unknown,
): ModelSources & { readonly asked: ListModelsRequest[] } {
  const asked: ListModelsRequest[] = [];
  return {
    environment,
    asked,
    fetchJson: async (request) => {
      asked.push(request);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

test("openai replaces the backends of the only model and takes its key as a secret, never as a value", async () => {
  const amendment = await modelAmendment(parseModelChoice("openai", spec), sources({ OPENAI_API_KEY: "sk-real" }));
  expect(amendment).toEqual({
    models: {
      chat: { backends: [{ provider: "openai", model: "gpt-4o-mini", api_key: "${secrets.openai-api-key}" }] },
    },
    secrets: { "openai-api-key": { env: "OPENAI_API_KEY" } },
  });
  expect(JSON.stringify(amendment)).not.toContain("sk-real");
});

test("OPENAI_MODEL and OPENAI_BASE_URL are heeded", async () => {
  const environment = { OPENAI_API_KEY: "k", OPENAI_MODEL: "gpt-5", OPENAI_BASE_URL: "https://proxy/v1/" };
  expect(await modelAmendment(parseModelChoice("chat=openai", two), sources(environment))).toMatchObject({
    models: { chat: { backends: [{ model: "gpt-5", base_url: "https://proxy/v1" }] } },
  });
});

test("without a key openai is refused, with the line that sets it", async () => {
  await expect(modelAmendment(parseModelChoice("openai", spec), sources({}))).rejects.toMatchObject({
    code: "FB_CLI_MODEL_UNUSABLE",
    message: "--model openai cannot be used: the environment variable OPENAI_API_KEY is not set",
    hint: "Try: export OPENAI_API_KEY=…",
  });
});

test("ollama takes the named model without asking, else the first that the server has", async () => {
  const named = sources({ OLLAMA_MODEL: "qwen3" });
  expect(await modelAmendment(parseModelChoice("ollama", spec), named)).toEqual({
    models: { chat: { backends: [{ provider: "ollama", base_url: "http://127.0.0.1:11434/v1", model: "qwen3" }] } },
  });
  expect(named.asked).toEqual([]);
  const first = sources({}, { models: [{ name: "llama3:8b" }, { name: "qwen3" }] });
  expect(await modelAmendment(parseModelChoice("ollama", spec), first)).toMatchObject({
    models: { chat: { backends: [{ model: "llama3:8b" }] } },
  });
  expect(first.asked[0]?.url).toBe("http://127.0.0.1:11434/api/tags");
});

test("a URL is asked for its models, with the key when there is one", async () => {
  const withKey = sources({ FLYBALL_MODEL_API_KEY: "k" }, { data: [{ id: "m-1" }, { id: "m-2" }] });
  expect(await modelAmendment(parseModelChoice("http://127.0.0.1:8000/v1/", spec), withKey)).toEqual({
    models: {
      chat: {
        backends: [
          {
            provider: "custom",
            base_url: "http://127.0.0.1:8000/v1",
            model: "m-1",
            api_key: "${secrets.model-api-key}",
          },
        ],
      },
    },
    secrets: { "model-api-key": { env: "FLYBALL_MODEL_API_KEY" } },
  });
  expect(withKey.asked).toEqual([{ url: "http://127.0.0.1:8000/v1/models", apiKey: "k", timeoutMs: 5_000 }]);
  const without = sources({}, { data: [{ id: "m-1" }] });
  expect(await modelAmendment(parseModelChoice("http://127.0.0.1:8000/v1", spec), without)).not.toHaveProperty(
    "secrets",
  );
});

test.each([
  [
    new Error("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") }),
    "does not answer: connect ECONNREFUSED 127.0.0.1:1",
  ],
  [{ data: [] }, "names no model"],
  [{ data: [{ id: 5 }] }, "names no model"],
  ["<html>", "names no model"],
])("a server that says %o is refused with the reason", async (answer, reason) => {
  await expect(modelAmendment(parseModelChoice("http://127.0.0.1:1/v1", spec), sources({}, answer))).rejects.toThrow(
    reason,
  );
});

test.each([
  ["gemini", spec, "expected openai, ollama or a URL, seen gemini"],
  ["ftp://host/v1", spec, "expected openai, ollama or a URL"],
  ["nope=openai", spec, "the app has no model nope; its models are chat"],
  ["openai", two, "the app has several models: chat, embed"],
  ["openai", makeSpec([]), "the app has no model"],
])("--model %s is refused when it does not fit the app", (text, app, reason) => {
  expect(() => parseModelChoice(text, app)).toThrow(reason);
});

test.each([
  [{}, "http://127.0.0.1:11434"],
  [{ OLLAMA_HOST: "127.0.0.1:9999" }, "http://127.0.0.1:9999"],
  [{ OLLAMA_HOST: "http://box:11434/" }, "http://box:11434"],
  [{ OLLAMA_HOST: "0.0.0.0:11434" }, "http://127.0.0.1:11434"],
  [{ OLLAMA_HOST: "no such:host:at all" }, "http://127.0.0.1:11434"],
])("with %o an Ollama is looked for at %s", (environment, address) => {
  expect(ollamaAddress(environment)).toBe(address);
});
