// The two READMEs say the same things in the same order, stay short, and link only to what exists.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const english = readFileSync(join(ROOT, "README.md"), "utf8");
const chinese = readFileSync(join(ROOT, "README.zh-CN.md"), "utf8");

function outline(text: string): readonly string[] {
  const withoutCode = text.replaceAll(/^```[\s\S]*?^```/gm, "");
  return [...withoutCode.matchAll(/^(#+) /gm)].map((match) => match[1] ?? "");
}

function links(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
    .map((match) => match[1] ?? "")
    .filter((link) => !/^https?:/.test(link));
}

describe("the READMEs", () => {
  it("have the same headings, tables and code blocks in both languages", () => {
    expect(outline(chinese)).toEqual(outline(english));
    const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
    expect(count(chinese, /^```/gm)).toBe(count(english, /^```/gm));
    expect(count(chinese, /^\|/gm)).toBe(count(english, /^\|/gm));
  });

  it("stay within 150 lines", () => {
    expect(english.split("\n").length).toBeLessThanOrEqual(151);
    expect(chinese.split("\n").length).toBeLessThanOrEqual(151);
  });

  it("link only to files that exist", () => {
    const missing = [...links(english), ...links(chinese)].filter((link) => !existsSync(join(ROOT, link)));
    expect(missing).toEqual([]);
  });
});
