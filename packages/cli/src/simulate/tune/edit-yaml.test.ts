import { expect, test } from "vitest";
import { parse } from "yaml";
import { editYaml, type YamlEdit } from "./edit-yaml.ts";
import { unifiedDiff } from "./unified-diff.ts";

const number = (key: string, value: number, after = "serve"): YamlEdit => ({
  kind: "number",
  path: ["services", "llm", key],
  value,
  after,
});
const flag = (name: string, value: number, ...path: string[]): YamlEdit => ({
  kind: "flag",
  path: ["services", "llm", ...(path.length > 0 ? path : ["serve", "args"])],
  flag: name,
  value,
});

/** What differs, without the lines around it. */
function change(text: string, edit: YamlEdit): readonly string[] {
  const edited = editYaml(text, edit);
  expect(edited).toBeDefined();
  parse(edited ?? "");
  return unifiedDiff("f", text, edited ?? "")
    .split("\n")
    .filter((line) => /^[-+](?![-+])/.test(line));
}

const BLOCK = `# head
services:
  llm: # the model
    serve:
      engine: simulated
      args:
        - --concurrency   # at once
        - "64"
        - --jitter=0.1
    replicas: 2 # for now

  api: { command: [node, a.ts] }
`;
const FLOW = `services: { llm: { serve: { engine: simulated, args: [--concurrency, '64'] }, replicas: 1 }, api: { command: [x] } }\n`;

test.each<readonly [string, string, YamlEdit, readonly string[]]>([
  [
    "a number, its comment kept",
    BLOCK,
    number("replicas", 5),
    ["-    replicas: 2 # for now", "+    replicas: 5 # for now"],
  ],
  ["a missing key goes behind its neighbour", BLOCK, number("concurrency", 32), ["+    concurrency: 32"]],
  ["a flag's value, its quotes kept", BLOCK, flag("--concurrency", 128), ['-        - "64"', '+        - "128"']],
  [
    "a flag that is joined to its value",
    BLOCK,
    flag("--jitter", 2),
    ["-        - --jitter=0.1", "+        - --jitter=2"],
  ],
  [
    "a missing flag goes to the end of the list",
    BLOCK,
    flag("--kv-tokens", 9),
    ["+        - --kv-tokens", '+        - "9"'],
  ],
  [
    "all of that on one line",
    FLOW,
    flag("--concurrency", 8),
    [`-${FLOW.trim()}`, `+${FLOW.trim().replace("'64'", "'8'")}`],
  ],
  [
    "a missing key on one line",
    FLOW,
    number("concurrency", 8),
    [`-${FLOW.trim()}`, `+${FLOW.trim().replace("'64'] }", "'64'] }, concurrency: 8")}`],
  ],
  [
    "a missing flag on one line",
    FLOW,
    flag("--x", 8),
    [`-${FLOW.trim()}`, `+${FLOW.trim().replace("'64']", `'64', --x, "8"]`)}`],
  ],
  [
    "a list that is not there",
    "services:\n  llm:\n    serve:\n      engine: simulated\n      model: m\n",
    flag("--concurrency", 8),
    ['+      args: [--concurrency, "8"]'],
  ],
  [
    "an empty list",
    "services: { llm: { serve: { args: [] } } }",
    flag("--x", 8),
    ["-services: { llm: { serve: { args: [] } } }", '+services: { llm: { serve: { args: [--x, "8"] } } }'],
  ],
  [
    "a file without a last line feed",
    "services:\n  llm:\n    command: [vllm, serve, m, --max-num-seqs, 64]",
    flag("--max-num-seqs", 8, "command"),
    ["-    command: [vllm, serve, m, --max-num-seqs, 64]", "+    command: [vllm, serve, m, --max-num-seqs, 8]"],
  ],
])("changes %s, and nothing else", (_name, text, edit, expected) => {
  expect(change(text, edit)).toEqual(expected);
});

test("leaves alone what it cannot change in one place", () => {
  expect(editYaml("services: [", number("replicas", 1))).toBeUndefined();
  expect(editYaml("services: {}", number("replicas", 1))).toBeUndefined();
  expect(editYaml("services: { llm: { serve: { args: *a } } }", flag("--x", 1))).toBeUndefined();
  expect(editYaml("services: { llm: { serve: { args: [--x] } } }", flag("--x", 1))).toBeUndefined();
});

test("a difference can be read by patch: hunks with three lines around, counted", () => {
  const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join("\n");
  const after = before.replace("line 3\n", "").replace("line 15", "line 15\nnew");
  expect(unifiedDiff("f.yaml", before, after)).toBe(
    [
      "--- f.yaml",
      "+++ f.yaml",
      "@@ -1,6 +1,5 @@",
      " line 1",
      " line 2",
      "-line 3",
      " line 4",
      " line 5",
      " line 6",
      "@@ -13,6 +12,7 @@",
      " line 13",
      " line 14",
      " line 15",
      "+new",
      " line 16",
      " line 17",
      " line 18",
    ].join("\n"),
  );
  expect(unifiedDiff("f.yaml", before, before)).toBe("");
});
