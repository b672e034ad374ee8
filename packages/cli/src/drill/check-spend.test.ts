import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@flyball/fakes";
import { loadManifest } from "@flyball/core/manifest";
import { expect, it } from "vitest";
import { runForTest } from "../testing/run-for-test.ts";
import { checkSpend } from "./check-spend.ts";

const PAID = '{ provider: openai, model: gpt-5, api_key: "${secrets.key}" }';
const OWN = '{ provider: ollama, base_url: "http://127.0.0.1:11434/v1", model: qwen3 }';
const NEAR = '{ provider: vllm, base_url: "http://10.1.2.3:8000/v1", model: qwen3 }';

const manifestWith = (backends: string): string => `apiVersion: flyball/v1
name: shop
services:
  web: { command: [node, web.js], replicas: 2 }
models:
  chat: { backends: [${backends}] }
secrets: { key: { env: SHOP_KEY } }
`;

it("a model that may cost money is refused before anything is started", async () => {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "flyball.yaml"), manifestWith(PAID));
  const { exitCode, stderr } = await runForTest(["drill", "run", "crash"], { directory: folder.path });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("models.chat: openai (gpt-5)");
  expect(stderr).toContain("--allow-spend");
});

it.each([
  [OWN, false, ""],
  [NEAR, false, ""],
  [`${OWN}, ${PAID}`, false, "openai"],
  [`${OWN}, ${PAID}`, true, ""],
])("of the backends %s with allow-spend %s is refused: %s", async (backends, maySpend, refused) => {
  const loaded = await loadManifest({
    path: "/shop/flyball.yaml",
    environment: {},
    readFile: () => Promise.resolve(manifestWith(backends)),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  if (refused === "") expect(() => checkSpend(loaded.spec, maySpend)).not.toThrow();
  else expect(() => checkSpend(loaded.spec, maySpend)).toThrow(refused);
});
