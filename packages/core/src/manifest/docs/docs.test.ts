import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isFlyballError } from "../../errors/flyball-error.ts";
import { formatProblems } from "../problems/format-problems.ts";
import { loadManifest } from "../load/load-manifest.ts";
import { parseYaml } from "../source/parse-yaml.ts";
import { childOf, type ManifestNode } from "../source/manifest-node.ts";
import { annotatedExample } from "./annotated-example.ts";
import { EXAMPLE_SOURCE } from "./example-source.ts";
import { manifestJsonSchema } from "./json-schema.ts";
import { rawDefinitions, referencedId, type RawSchema } from "./raw-schema.ts";
import { renderDocs } from "./render-docs.ts";
import { renderErrors } from "./render-errors.ts";
import { renderReference } from "./render-reference.ts";
import { manifestSections } from "./sections.ts";
import { TOPICS } from "./topics.ts";
import { ERROR_TABLE } from "../../errors/error-table.ts";

const FILES: Readonly<Record<string, string>> = {
  "/app/flyball.yaml": annotatedExample(),
  "/app/rules.txt": "rules",
  "/app/certificate.pem": "-----BEGIN CERTIFICATE-----",
  "/app/authority.pem": readFileSync(new URL("../testdata/good/authority.pem", import.meta.url), "utf8"),
  "/app/certificate.key": "-----BEGIN PRIVATE KEY-----",
};

test("the annotated example is a valid manifest, for its targets and with its profile", async () => {
  for (const target of ["local", "prod"]) {
    const readFile = (path: string): string => FILES[path] ?? "";
    const loaded = await loadManifest({
      path: "/app/flyball.yaml",
      target,
      profiles: ["debug"],
      environment: {},
      readFile,
    });
    expect(loaded.ok ? "ok" : formatProblems(loaded.problems)).toBe("ok");
  }
});

test("the annotated example uses every key of the schema", () => {
  const definitions = rawDefinitions();
  const seen = new Set<string>();
  const visit = (node: ManifestNode | undefined, schema: RawSchema): void => {
    const id = referencedId(schema);
    const own = id === undefined ? schema : (definitions[id] ?? {});
    for (const option of own.anyOf ?? []) visit(node, option);
    if (node?.kind === "list" && own.items !== undefined) for (const item of node.items) visit(item, own.items);
    if (node?.kind !== "map") return;
    for (const key of node.entries.keys()) {
      const child = own.properties?.[key];
      if (child !== undefined && id !== undefined) seen.add(`${id}.${key}`);
      const free = typeof own.additionalProperties === "object" ? own.additionalProperties : undefined;
      const next = child ?? free;
      if (next !== undefined) visit(childOf(node, key), next);
    }
  };
  const parsed = parseYaml("example", EXAMPLE_SOURCE);
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems));
  visit(parsed.root, { $ref: "#/definitions/manifest" });
  const all = manifestSections().flatMap(({ id, rows }) => rows.map(({ key }) => `${id}.${key}`));
  expect(all.filter((key) => !seen.has(key))).toEqual([]);
});

test("every key and section has a meaning in both languages", () => {
  for (const { id, meaning, rows } of manifestSections()) {
    for (const [name, text] of [
      [id, meaning] as const,
      ...rows.map((row) => [`${id}.${row.key}`, row.meaning] as const),
    ]) {
      expect(text.english, name).toMatch(/[A-Za-z]/);
      expect(text.chinese, name).toMatch(/[\u4E00-\u9FFF]/);
    }
  }
  for (const { title, lines } of TOPICS) {
    for (const text of [title, ...lines.map((line) => line.text)]) expect(text.chinese).toMatch(/[\u4E00-\u9FFF]/);
  }
});

test("a section is found by its id, by the key under which it stands and by its path", () => {
  expect(renderDocs("port", "en")).toBe(renderDocs("ports", "en"));
  expect(renderDocs("services.<name>.ports[]", "en")).toBe(renderDocs("ports", "en"));
  expect(renderDocs("models", "en")).toMatch(/^models\.<name>\n/);
  expect(renderDocs("services.models", "en")).toMatch(/^services\.<name>\.models\.<name>\n/);
  expect(renderDocs("services", "en")).toMatch(/^services\.<name>\n/);
  expect(renderDocs("variables", "zh")).toMatch(/^变量与占位符\n/);
  expect(renderDocs(undefined, "en")).toMatch(/flyball docs <section>/);
});

test("a section that does not exist is the user's mistake and names the nearest", () => {
  try {
    renderDocs("helthcheck", "en");
    throw new Error("it was found");
  } catch (error) {
    expect(isFlyballError(error, "FB_CLI_USAGE")).toBe(true);
    expect((error as Error).message).toBe('there is no section "helthcheck"; did you mean "healthcheck"?');
  }
});

test("the JSON Schema refuses unknown keys, allows x- keys where the loader does, and variables everywhere", () => {
  const schema = manifestJsonSchema() as { definitions: Record<string, Record<string, unknown>> };
  expect(JSON.stringify(schema)).not.toMatch(/"chinese"|"word"/);
  for (const [id, definition] of Object.entries(schema.definitions)) {
    expect(definition["additionalProperties"], id).toBe(false);
    expect("patternProperties" in definition, id).toBe(id === "manifest" || id === "service");
  }
  const service = schema.definitions["service"]?.["properties"] as Record<string, { type: unknown; pattern?: string }>;
  expect(service["replicas"]?.type).toEqual(["integer", "string"]);
  expect("${GRACE:-10s}").toMatch(new RegExp(service["stop_grace_period"]?.pattern ?? "^$"));
  expect("10").not.toMatch(new RegExp(service["stop_grace_period"]?.pattern ?? ""));
});

test("the page of errors has every code, and the reference every section, in both languages", () => {
  const errors = renderErrors();
  for (const code of Object.keys(ERROR_TABLE)) expect(errors).toContain(`### ${code}\n`);
  for (const { id } of manifestSections().slice(1)) {
    expect(renderReference("en")).toContain(`\n## ${id}\n`);
    expect(renderReference("zh")).toContain(`\n## ${id}\n`);
  }
});

test.each(["docs/guides/scheduling.md", "docs/zh-CN/guides/scheduling.md"])(
  "%s has every knob of a schedule with its default",
  (path) => {
    const guide = readFileSync(new URL(`../../../../../${path}`, import.meta.url), "utf8");
    const [schedule, classes] = ["schedule", "classes"].map((id) => manifestSections().find((each) => each.id === id));
    for (const { key, defaultText = "" } of schedule?.rows ?? []) {
      const row = guide
        .split("\n")
        .find((line) => line.startsWith(`| \`${key === "classes" ? "classes.high" : key}\``));
      expect(row, key).toContain(key === "classes" ? "" : defaultText);
    }
    for (const { defaultText = "" } of classes?.rows ?? []) {
      expect(guide.split("\n").find((line) => line.startsWith("| `classes.high`"))).toContain(defaultText);
    }
  },
);

test("links inside the reference lead to headings that exist", () => {
  const page = renderReference("en");
  const headings = new Set([...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]));
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]);
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((link) => !headings.has(link))).toEqual([]);
});
