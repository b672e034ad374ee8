// Calls and answers of each dialect (testdata/README.md says where they come from), translated to every dialect.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AnswerIdentity, DialectName } from "./dialect.ts";
import { findDialect } from "./find-dialect.ts";
import { findProviderTraits } from "./find-provider-traits.ts";
import { expectGolden, fixturesIn, TESTDATA } from "./testdata/golden-file.ts";

const NAMES: readonly DialectName[] = ["openai-chat", "openai-responses", "anthropic-messages"];
const IDENTITY: AnswerIdentity = { id: "id_1", model: "alias", createdSeconds: 1_767_225_600 };

/** Backends that between them have all the ways in which a call is written. */
const BACKENDS: readonly (readonly [name: DialectName, provider: string, model: string])[] = [
  ["openai-chat", "openai", "gpt-5.2"],
  ["openai-chat", "vllm", "qwen"],
  ["openai-chat", "deepseek", "deepseek-chat"],
  ["openai-chat", "dashscope", "qwen-plus"],
  ["openai-chat", "mistral", "mistral-large"],
  ["openai-responses", "openai", "gpt-5.2"],
  ["anthropic-messages", "anthropic", "claude-sonnet-5"],
  ["anthropic-messages", "anthropic", "claude-sonnet-4-20250514"],
];

const readJson = (...path: readonly string[]): unknown => JSON.parse(readFileSync(join(TESTDATA, ...path), "utf8"));

describe.each(NAMES)("calls of %s", (dialect) => {
  const folder = join(TESTDATA, "requests", dialect);

  it.each(fixturesIn(folder, ".json"))("%s is written as its golden file says", (name) => {
    const read = findDialect(dialect).readRequest(readJson("requests", dialect, `${name}.json`));
    const lines = BACKENDS.map(([target, provider, model]) => {
      const head = `==== ${target} ${provider} ${model}\n`;
      if (read.kind === "refused") return `${head}refused by ${dialect}: ${read.field}: ${read.reason}\n`;
      const written = findDialect(target).writeRequest(read.value, model, findProviderTraits(provider));
      if (written.kind === "refused") return `${head}refused: ${written.field}: ${written.reason}\n`;
      expect(() => JSON.parse(written.value.body.toString()) as unknown).not.toThrow();
      return `${head}POST ${written.value.path}\n${written.value.body.toString()}\n`;
    });
    expectGolden(join(folder, `${name}.golden.txt`), lines.join(""));
    if (name.startsWith("refused")) expect(lines.join("")).toContain("refused");
    if (name.startsWith("refused") && !name.endsWith("by-some")) expect(read.kind).toBe("refused");
  });
});

describe.each(NAMES)("answers of %s", (dialect) => {
  const folder = join(TESTDATA, "answers", dialect);

  it.each(fixturesIn(folder, ".json"))("%s is written as its golden file says", (name) => {
    const read = findDialect(dialect).readAnswer(readJson("answers", dialect, `${name}.json`));
    expect(read.kind).toBe(name.startsWith("refused") ? "refused" : "translated");
    const lines = NAMES.map((target) => {
      if (read.kind === "refused") return `==== ${target}\nrefused: ${read.field}: ${read.reason}\n`;
      const body = findDialect(target).writeAnswer(read.value, IDENTITY).toString();
      expect(() => JSON.parse(body) as unknown).not.toThrow();
      return `==== ${target}\n${body}\n`;
    });
    expectGolden(join(folder, `${name}.golden.txt`), lines.join(""));
  });

  it.each(fixturesIn(folder, ".json").filter((name) => !name.startsWith("refused")))(
    "%s keeps text, calls and end everywhere",
    (name) => {
      const read = findDialect(dialect).readAnswer(readJson("answers", dialect, `${name}.json`));
      if (read.kind === "refused") throw new Error(read.reason);
      const answer = read.value;
      for (const target of NAMES) {
        const { readAnswer, writeAnswer } = findDialect(target);
        const again = readAnswer(JSON.parse(writeAnswer(answer, IDENTITY).toString()));
        if (again.kind === "refused") throw new Error(again.reason);
        const calls = (parts: typeof answer.parts): readonly unknown[] =>
          parts.flatMap((part) => (part.kind === "tool-call" ? [[part.id, part.name]] : []));
        const text = (parts: typeof answer.parts): string =>
          parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
        expect(calls(again.value.parts)).toEqual(calls(answer.parts));
        expect(text(again.value.parts)).toBe(text(answer.parts));
        if (answer.end !== "stop-sequence") expect(again.value.end).toBe(answer.end);
        expect(total(again.value.usage)).toBe(total(answer.usage));
      }
    },
  );
});

function total(usage: object | undefined): number {
  return Object.values(usage ?? {}).reduce((sum: number, count: number) => sum + count, 0);
}
