import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateLayout } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { makeService, makeSpec } from "../testing/make-status.ts";
import { collectSecrets, ensureToken, keysSecret, secretVariables } from "./collect-secrets.ts";

const place = { environment: { PG: "one", KEY: "two", MOUNTED: "three" }, directory: "/src" };
const secrets = { pg: { env: "PG" }, key: { env: "KEY" }, mounted: { env: "MOUNTED" }, unused: { env: "NOT_SET" } };

test("secrets that environment, mounts and models use are read; one that nothing uses needs no value", () => {
  const api = makeService("api", { environment: { URL: "postgres://u:${secrets.pg}@host" }, secrets: ["mounted"] });
  const backend = {
    kind: "provider",
    provider: "openai",
    baseUrl: "https://x",
    model: "m",
    apiKeySecret: "key",
  } as const;
  const timeouts = api.timeouts;
  const spec = makeSpec([api], { secrets, models: { chat: { name: "chat", backends: [backend], timeouts } } });
  expect(collectSecrets(spec, place)).toEqual({ pg: "one", key: "two", mounted: "three" });
  expect(secretVariables(spec)).toEqual(["PG", "KEY", "MOUNTED", "NOT_SET"]);
});

test("a variable that is not set, or empty, is an error that names secret and variable", () => {
  const spec = makeSpec([makeService("api", { secrets: ["pg"] })], { secrets });
  for (const environment of [{}, { PG: "" }])
    expect(() => collectSecrets(spec, { ...place, environment })).toThrow(
      "the secret pg has no value: the environment variable PG is not set",
    );
});

test("a file is read relative to the manifest, without the line end that editors add", async () => {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "pg.txt"), "word \n");
  const spec = makeSpec([makeService("api", { secrets: ["pg"] })], { secrets: { pg: { file: "pg.txt" } } });
  expect(collectSecrets(spec, { environment: {}, directory: folder.path })).toEqual({ pg: "word " });
  expect(() => collectSecrets(spec, { environment: {}, directory: "/nonexistent" })).toThrow(
    "/nonexistent/pg.txt cannot be read",
  );
});

test("the key secret and the token are made once, random, for the user alone", async () => {
  await using folder = await createTemporaryFolder();
  const layout = { ...stateLayout("/", "a", "0"), directory: folder.path, tokenFile: join(folder.path, "token") };
  const first = keysSecret(layout);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(keysSecret(layout)).toBe(first);
  ensureToken(layout);
  const token = readFileSync(layout.tokenFile, "utf8");
  ensureToken(layout);
  expect(readFileSync(layout.tokenFile, "utf8")).toBe(token);
  expect(token).not.toBe(first);
  expect(statSync(layout.tokenFile).mode & 0o777).toBe(0o600);
});
