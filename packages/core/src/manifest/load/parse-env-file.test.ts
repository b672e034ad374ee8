import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseEnvFile } from "./parse-env-file.ts";

test("lines, comments, export, quotes and values over several lines", () => {
  const text = [
    "# comment",
    "A=1",
    "  export B = two words  # comment",
    "C=a#b",
    "D='single $X # \\n'",
    'E="tab\\tquote\\" dollar\\$ back\\\\ other\\q" # comment',
    'F="first',
    'second"',
    "G=",
    "H=   ",
    "A=again",
  ].join("\r\n");
  expect(parseEnvFile(text)).toEqual({
    complaints: [],
    entries: [
      { name: "A", value: "1", line: 2 },
      { name: "B", value: "two words", line: 3 },
      { name: "C", value: "a#b", line: 4 },
      { name: "D", value: "single $X # \\n", line: 5 },
      { name: "E", value: 'tab\tquote" dollar$ back\\ other\\q', line: 6 },
      { name: "F", value: "first\nsecond", line: 7 },
      { name: "G", value: "", line: 9 },
      { name: "H", value: "", line: 10 },
      { name: "A", value: "again", line: 11 },
    ],
  });
});

test("what cannot be read is said with its line, and the rest is still read", () => {
  const { entries, complaints } = parseEnvFile("A\n1B=x\nC=1\nD='x' y\nE=\"never closed\nF=2\n");
  expect(entries.map(({ name }) => name)).toEqual(["C", "F"]);
  expect(complaints.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '1 expected NAME=value, saw "A"',
    '2 "1B" is not the name of an environment variable',
    "4 expected the end of the line after the closing quote",
    '5 a " has no end',
  ]);
});

test("any value in single quotes comes back as it was, unless it holds a quote", () => {
  const value = fc.string().filter((text) => !/['\r\n]/.test(text));
  fc.assert(
    fc.property(value, (text) => {
      expect(parseEnvFile(`A='${text}'\n`).entries).toEqual([{ name: "A", value: text, line: 1 }]);
    }),
  );
});

test("any text is read without an exception", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("A", "=", "'", '"', "\\", "\n", "#", " ", "export ") }), (text) => {
      expect(() => parseEnvFile(text)).not.toThrow();
    }),
  );
});
