// Pages that are written by hand keep up with the code that they tell of, and with one another: same headings in both languages, links
// that lead somewhere, every call of the control API.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const pagesIn = (folder: string): string[] => readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".md"));

const PAIRS = ["guides", "reference"].flatMap((folder) =>
  pagesIn(`docs/${folder}`).map((name) => [`docs/${folder}/${name}`, `docs/zh-CN/${folder}/${name}`] as const),
);

const levels = (page: string): string[] =>
  [...page.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^(#+) /gm)].map(([, marks = ""]) => marks);

test.each(PAIRS)("%s has the headings of %s", (english, chinese) => {
  expect(levels(read(chinese))).toEqual(levels(read(english)));
});

test.each(PAIRS.flat().map((path) => [path]))("%s links to files that are there", (path) => {
  const targets = [...read(path).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = ""]) => target);
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  expect(local.filter((target) => !existsSync(join(ROOT, dirname(path), target)))).toEqual([]);
});

/** `// GET  /v1/diff?from=&to=   → …` → `GET /v1/diff` */
const calls = [...read("packages/core/src/control-api.ts").matchAll(/^\/\/ +(GET|POST) +(\/[^\s?]+)/gm)].map(
  ([, method = "", path = ""]) => `${method} ${path}`,
);

test.each([["docs/reference/control-api.md"], ["docs/zh-CN/reference/control-api.md"]])(
  "%s names every call of the control API, and no other",
  (path) => {
    const named = [...read(path).matchAll(/^\| `((?:GET|POST) [^`]+)` \|/gm)].map(([, call = ""]) => call);
    expect(calls.length).toBeGreaterThan(20);
    expect(named.toSorted()).toEqual(calls.toSorted());
  },
);
