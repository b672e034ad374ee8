import { expect, test } from "vitest";
import { createOutput, type OutputFormat } from "./output.ts";
import { colourStyle, plainStyle, styleFor } from "./style.ts";

function capture(
  format: OutputFormat,
  commandName?: string,
): { texts: { out: string; err: string }; output: ReturnType<typeof createOutput> } {
  const texts = { out: "", err: "" };
  const sink = (name: "out" | "err"): { write(text: string): void } => ({
    write: (text) => void (texts[name] += text),
  });
  const named = commandName === undefined ? {} : { commandName };
  return { texts, output: createOutput({ stdout: sink("out"), stderr: sink("err"), format, ...named }) };
}

test("a list is text, one JSON array, or one JSON line each", () => {
  const list = [{ a: 1 }, { a: 2 }];
  const written = (["text", "json", "ndjson"] as const).map((format) => {
    const { texts, output } = capture(format);
    output.values(list, () => "two");
    return texts.out;
  });
  expect(written[0]).toBe("two\n");
  expect(JSON.parse(written[1] ?? "")).toEqual(list);
  expect(written[2]).toBe('{"a":1}\n{"a":2}\n');
});

test("an empty list is an empty array, and no line at all as ndjson", () => {
  const json = capture("json");
  json.output.values([], () => "none");
  expect(json.texts.out).toBe("[]\n");
  const ndjson = capture("ndjson");
  ndjson.output.values([], () => "none");
  expect(ndjson.texts.out).toBe("");
});

test("one of a stream is always one line, and an empty text none", () => {
  for (const format of ["json", "ndjson"] as const) {
    const { texts, output } = capture(format);
    output.streamed({ a: 1 }, () => "");
    expect(texts.out).toBe('{"a":1}\n');
  }
  const { texts, output } = capture("text");
  output.streamed({ a: 1 }, () => "");
  expect(texts.out).toBe("");
});

test("commands to try are named as a person has to type them; data as JSON is left alone", () => {
  const { texts, output } = capture("text", "npx flyball");
  output.note("Try: flyball down, then flyball up; 试试：flyball ps; flyball is a governor");
  expect(texts.err).toBe("Try: npx flyball down, then npx flyball up; 试试：npx flyball ps; flyball is a governor\n");
  const json = capture("json", "npx flyball");
  json.output.value("Try: flyball ps", () => "");
  expect(json.texts.out).toBe('"Try: flyball ps"\n');
});

test("colour needs a terminal, a TERM that can, and no NO_COLOR", () => {
  expect(styleFor({ isTTY: true }, { TERM: "xterm" })).toBe(colourStyle);
  expect(styleFor({ isTTY: true }, { NO_COLOR: "1" })).toBe(plainStyle);
  expect(styleFor({ isTTY: true }, { NO_COLOR: "" })).toBe(colourStyle);
  expect(styleFor({ isTTY: true }, { TERM: "dumb" })).toBe(plainStyle);
  expect(styleFor({}, {})).toBe(plainStyle);
});
