import { expect, test } from "vitest";
import { en } from "../messages/en.ts";
import { createTranslate } from "../messages/translate.ts";
import { suggestModels } from "./suggest-models.ts";

const common = { translate: createTranslate(en), upCommand: "npm start --" };

test("a key and an Ollama are named with the command that uses them", async () => {
  const fetchJson = async (): Promise<unknown> => ({ models: [{ name: "qwen3" }] });
  expect(await suggestModels({ ...common, fetchJson, environment: { OPENAI_API_KEY: "k" } })).toEqual([
    "OPENAI_API_KEY is set but not used. To use it: npm start -- --model openai",
    "An Ollama with qwen3 runs here but is not used. To use it: npm start -- --model ollama",
  ]);
});

test("nothing is suggested when nothing is there", async () => {
  const fetchJson = async (): Promise<unknown> => Promise.reject(new Error("refused"));
  expect(await suggestModels({ ...common, fetchJson, environment: {} })).toEqual([]);
});
