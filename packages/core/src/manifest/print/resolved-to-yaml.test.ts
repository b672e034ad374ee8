import * as fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { AppSpec } from "../../app-spec.ts";
import { loadManifest } from "../load/load-manifest.ts";
import { formatProblems } from "../problems/format-problems.ts";
import { resolvedToYaml } from "./resolved-to-yaml.ts";

const GOOD = join(dirname(fileURLToPath(import.meta.url)), "../testdata/good");
const NAMES = readdirSync(GOOD).filter((name) => name.endsWith(".json"));

const PEM = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n";

async function loadText(text: string, target: string): Promise<AppSpec> {
  const readFile = (path: string): string => (path.includes("certificate") ? PEM : text);
  const loaded = await loadManifest({ path: "/folder/flyball.yaml", target, environment: {}, readFile });
  if (!loaded.ok) throw new Error(`${formatProblems(loaded.problems)}\n${text}`);
  return loaded.spec;
}

test.each(NAMES)("the app of %s, written as a manifest, loads as the same app", async (name) => {
  const golden = readFileSync(join(GOOD, name), "utf8").replaceAll("<folder>", "/folder");
  const { spec } = JSON.parse(golden) as { spec: AppSpec };
  const text = resolvedToYaml(spec);
  expect(await loadText(text, spec.target.name)).toEqual(spec);
  expect(resolvedToYaml(await loadText(text, spec.target.name))).toBe(text);
});

test("any text of an environment variable or a config survives, whatever dollars and braces it holds", async () => {
  const spec = await loadText("name: a\nservices: { api: { command: [x] } }\nsecrets: { pg: { env: PG } }\n", "local");
  const piece = fc.constantFrom(
    "$",
    "{",
    "}",
    "A",
    "${secrets.pg}",
    "${instance.port}",
    "${A:-b}",
    "\n",
    " ",
    '"',
    "'",
    "#",
    ": ",
    "中",
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  const property = fc.asyncProperty(text, text, async (value, content) => {
    const api = spec.services["api"];
    if (api === undefined) throw new Error("no service");
    const changed: AppSpec = {
      ...spec,
      services: { api: { ...api, environment: { A: value } } },
      configs: { c: { content, sha256: "" } },
    };
    const loaded = await loadText(resolvedToYaml(changed), "local");
    expect(loaded.services["api"]?.environment["A"]).toBe(value);
    expect(loaded.configs["c"]?.content).toBe(content);
  });
  await fc.assert(property, { numRuns: 200 });
});
