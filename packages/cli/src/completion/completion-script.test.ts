import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { COMMAND_TABLE } from "../command-line/command-table.ts";
import { en } from "../messages/en.ts";
import { createTranslate } from "../messages/translate.ts";
import { completionScript } from "./completion-script.ts";

const translate = createTranslate(en);

/** What bash offers behind these words. */
function complete(...words: readonly string[]): readonly string[] {
  const quoted = ["flyball", ...words].map((word) => `'${word}'`).join(" ");
  const script = `${completionScript("bash", translate)}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _flyball; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n");
}

test("bash completes commands, then the options of the command", () => {
  expect(complete("re")).toEqual(["restart", "resume"]);
  expect(complete("up", "--p")).toEqual(["--port", "--profile"]);
  expect(complete("-o", "json", "up", "--det")).toEqual(["--detach"]);
  expect(complete("incidents", "s")).toEqual(["show"]);
  expect(complete("ps", "-o", "nd")).toEqual(["ndjson"]);
  expect(complete("completion", "")).toEqual(expect.arrayContaining(["bash", "zsh", "fish"]));
});

test("logs completes its own -f and not that of the manifest", () => {
  expect(complete("logs", "--f")).toEqual(["--follow", "--file"]);
});

test("every command is known to every shell", () => {
  for (const shell of ["bash", "zsh", "fish"] as const) {
    const script = completionScript(shell, translate);
    for (const { name } of COMMAND_TABLE) expect([shell, script.includes(name)]).toEqual([shell, true]);
  }
});

test("descriptions with quotes and brackets do not break the scripts", () => {
  const odd = ((key: string) => `it's [odd]: ${key}`) as unknown as typeof translate;
  expect(completionScript("zsh", odd)).toContain("it'\\''s (odd)\\:");
  expect(completionScript("fish", odd)).toContain("it\\'s [odd]:");
});
