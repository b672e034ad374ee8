import * as fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ERROR_TABLE } from "../../errors/error-table.ts";
import { formatProblems } from "../problems/format-problems.ts";
import { loadManifest, type LoadedManifest, type LoadManifestOptions } from "./load-manifest.ts";

const GOOD = join(dirname(fileURLToPath(import.meta.url)), "../testdata/good");
const SOURCES = readdirSync(GOOD).flatMap((name) =>
  name.endsWith(".yaml") ? [readFileSync(join(GOOD, name), "utf8")] : [],
);

/** A folder /app that holds these files. */
function inMemory(files: Readonly<Record<string, string>>): LoadManifestOptions["readFile"] {
  return (path) => {
    const text = files[path.replace(/^\/app\//, "")];
    if (text === undefined) throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
    return text;
  };
}

function load(text: string, options: Partial<LoadManifestOptions> = {}): Promise<LoadedManifest> {
  return loadManifest({
    path: "/app/flyball.yaml",
    environment: {},
    readFile: inMemory({ "flyball.yaml": text }),
    ...options,
  });
}

async function messages(text: string, options: Partial<LoadManifestOptions> = {}): Promise<string> {
  const loaded = await load(text, options);
  return loaded.ok ? "ok" : formatProblems(loaded.problems, { relativeTo: "/app" });
}

const ONE = "name: a\nservices:\n  api: { command: [x] }\n";

test("a manifest that is not there is said to be missing", async () => {
  const loaded = await load("", { path: "/app/nowhere.yaml" });
  expect(loaded).toMatchObject({
    ok: false,
    problems: [{ code: "FB_MANIFEST_NOT_FOUND" }],
    files: ["/app/nowhere.yaml"],
  });
});

test("the loaded app is frozen in all its parts", async () => {
  const loaded = await load(ONE);
  if (!loaded.ok) throw new Error("refused");
  expect(Object.isFrozen(loaded.spec)).toBe(true);
  expect(Object.isFrozen(loaded.spec.services["api"]?.timeouts)).toBe(true);
});

test("amendments win over the overlay of the target, null removes, and their mistakes have no line", async () => {
  const text = `${ONE}targets:\n  prod: { type: docker, overlay: { services: { api: { replicas: 3 }, b: { command: [y] } } } }\n`;
  const loaded = await load(text, { target: "prod", amendments: { services: { api: { replicas: 5 }, b: null } } });
  expect(loaded).toMatchObject({
    ok: true,
    spec: { services: { api: { replicas: 5 } }, target: { name: "prod", type: "docker" } },
  });
  expect(loaded.ok && Object.keys(loaded.spec.services)).toEqual(["api"]);
  expect(await messages(ONE, { amendments: { services: { api: { replcas: 1 } } } })).toBe(
    'command line: services.api.replcas: unknown key "replcas". Did you mean "replicas"?',
  );
});

test("members of amendments that are undefined are left out", async () => {
  const loaded = await load(ONE, { amendments: { services: { api: { replicas: undefined } }, gateway: undefined } });
  expect(loaded).toMatchObject({ ok: true, spec: { services: { api: { replicas: 1 } } } });
});

test("a value that a variable fills in has the type that it would have had in the file, unless it is quoted", async () => {
  const text =
    'name: a\nservices:\n  api: { command: [x], replicas: "${N}" }\n  b:\n    command: [x]\n    replicas: ${N}\n';
  expect(await messages(text, { environment: { N: "2" } })).toBe(
    'flyball.yaml:3:34 services.api.replicas: expected a whole number from 0 to 1000, saw "2"',
  );
});

test("a variable can not bring structure into the manifest", async () => {
  const text = "name: a\nservices:\n  api:\n    command: [x]\n    environment: { A: '${A}' }\n";
  const loaded = await load(text, { environment: { A: "1 }\n  evil: { command: [y] }" } });
  expect(loaded).toMatchObject({
    ok: true,
    spec: { services: { api: { environment: { A: "1 }\n  evil: { command: [y] }" } } } },
  });
});

test("variables that Flyball sets are not taken from an environment file, which may hold the key itself", async () => {
  const files = {
    "flyball.yaml":
      "name: a\nservices:\n  api: { command: [x], env_file: .env, models: { chat: { env: OPENAI } } }\n" +
      "models: { chat: { backends: [{ provider: ollama, model: q }] } }\n",
    ".env": "PORT=1\nHOST=h\nOPENAI_API_KEY=sk-real\nOPENAI_ORG=kept\n",
  };
  const loaded = await load("", { readFile: inMemory(files) });
  expect(loaded.ok && loaded.spec.services["api"]?.environment).toEqual({ OPENAI_ORG: "kept" });
});

test("a service with an empty list of profiles always belongs to the app", async () => {
  const loaded = await load("name: a\nservices:\n  api: { command: [x], profiles: [] }\n");
  expect(loaded.ok && Object.keys(loaded.spec.services)).toEqual(["api"]);
});

test("an include that comes in by two ways is no circle", async () => {
  const files = {
    "flyball.yaml": `include: [a.yaml, b.yaml]\n${ONE}`,
    "a.yaml": "include: [base.yaml]\n",
    "b.yaml": "include: [base.yaml]\n",
    "base.yaml": "services: { base: { command: [x] } }\n",
  };
  const loaded = await load("", { readFile: inMemory(files) });
  expect(loaded.ok && Object.keys(loaded.spec.services)).toEqual(["base", "api"]);
});

test("includes are followed for eight levels and not further", async () => {
  const files: Record<string, string> = { "flyball.yaml": `include: [1.yaml]\n${ONE}` };
  for (let level = 1; level <= 9; level++)
    files[`${level}.yaml`] = level < 9 ? `include: [${level + 1}.yaml]\n` : "volumes: {}\n";
  expect(await messages("", { readFile: inMemory(files) })).toBe(
    "8.yaml:1:11 include[0]: includes are nested deeper than 8 levels",
  );
  files["8.yaml"] = "volumes: {}\n";
  expect(await messages("", { readFile: inMemory(files) })).toBe("ok");
});

test("a file that is not UTF-8 is named as such, a byte order mark is passed over", async () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(await messages("", { readFile: () => bytes(`\uFEFF${ONE}`) })).toBe("ok");
  expect(await messages("", { readFile: () => new Uint8Array([0x6e, 0xd6, 0xd0]) })).toMatch(/it is not UTF-8 text/);
});

test("a key that stands in a manifest never comes back in a message", async () => {
  const text =
    "name: a\nsecrets: { k: sk-1234 }\nmodels: { m: { backends: [{ provider: openai, model: x, api_key: sk-1234 }] } }\n";
  const seen = await messages(text);
  expect(seen.split("\n")).toHaveLength(2);
  expect(seen).not.toContain("sk-1234");
});

test("problems of more than one file are sorted by file, line and column", async () => {
  const files = { "flyball.yaml": "include: [a.yaml]\nname: a\nb: 1\na: 1\n", "a.yaml": "d: 1\nc: 1\n" };
  const seen = await messages("", { readFile: inMemory(files) });
  expect(seen.split("\n").map((line) => line.split(" ")[0])).toEqual([
    "flyball.yaml:3:1",
    "flyball.yaml:4:1",
    "a.yaml:1:1",
    "a.yaml:2:1",
  ]);
});

test("400 services are loaded, and a chain of them is no circle", async () => {
  const services = Array.from(
    { length: 400 },
    (_, index) => `  s${index}: { command: [x]${index === 0 ? "" : `, depends_on: [s${index - 1}]`} }`,
  );
  const loaded = await load(`name: many\nservices:\n${services.join("\n")}\n`);
  expect(loaded.ok ? Object.keys(loaded.spec.services).length : loaded.problems).toBe(400);
});

test("a service that does not fit the schema does not hide mistakes of others, nor make references to it dangle", async () => {
  const text = "name: a\nservices:\n  bad: { comand: [x] }\n  api: { command: [x], depends_on: [bad, gone] }\n";
  expect(await messages(text)).toBe(
    'flyball.yaml:3:10 services.bad.comand: unknown key "comand". Did you mean "command"?\n' +
      'flyball.yaml:4:42 services.api.depends_on[1]: there is no service "gone"; services are bad, api',
  );
});

test("mutated manifests give an app or problems with a code and a place, never an exception", async () => {
  const words = fc.constantFrom(
    "null",
    "[]",
    "{}",
    "-1",
    "${X}",
    "${secrets.a}",
    "*a",
    "&a x",
    "api",
    "true",
    '"',
    "[",
    ": ",
    "__proto__",
    "x-a: 1",
    "~",
    "<<: {}",
  );
  const mutation = fc.record({
    line: fc.nat(60),
    kind: fc.constantFrom("delete", "repeat", "indent", "value", "key", "cut"),
    word: words,
  });
  const property = fc.asyncProperty(
    fc.constantFrom(...SOURCES),
    fc.array(mutation, { minLength: 1, maxLength: 4 }),
    async (source, mutations) => {
      const text = mutations.reduce((before, step) => mutate(before, step), source);
      const loaded = await load(text, { environment: { COUNT: "2", IMAGE: "i" } });
      if (loaded.ok) {
        expect(JSON.parse(JSON.stringify(loaded.spec))).toEqual(loaded.spec);
        return;
      }
      expect(loaded.problems.length).toBeGreaterThan(0);
      for (const { code, line, message } of loaded.problems) {
        expect(Object.keys(ERROR_TABLE)).toContain(code);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(message).not.toMatch(/undefined|\[object/);
      }
    },
  );
  await fc.assert(property, { numRuns: 400 });
});

function mutate(text: string, { line, kind, word }: { line: number; kind: string; word: string }): string {
  const lines = text.split("\n");
  const at = line % lines.length;
  const seen = lines[at] ?? "";
  if (kind === "delete") lines.splice(at, 1);
  else if (kind === "repeat") lines.splice(at, 0, seen);
  else if (kind === "indent") lines[at] = `  ${seen}`;
  else if (kind === "value") lines[at] = seen.replace(/: .*/, `: ${word}`);
  else if (kind === "key") lines[at] = seen.replace(/\w+:/, `${word}:`);
  else lines[at] = seen.slice(0, Math.floor(seen.length / 2)) + word;
  return lines.join("\n");
}

test("any plain value as amendment gives an app or problems, never an exception", async () => {
  const property = fc.asyncProperty(
    fc.jsonValue(),
    fc.constantFrom("services", "models", "routes", "gateway", "secrets", "targets"),
    async (value, key) => {
      const loaded = await load(ONE, { amendments: { [key]: value } });
      if (!loaded.ok) expect(loaded.problems.length).toBeGreaterThan(0);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test("examples in the tree of the repository stay valid", async () => {
  const example = fileURLToPath(new URL("../../../../../examples/qa/flyball.yaml", import.meta.url));
  const loaded = await loadManifest({ path: example, environment: {}, readFile });
  expect(loaded.ok ? "ok" : formatProblems(loaded.problems)).toBe("ok");
});
