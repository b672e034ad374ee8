// The picture in the tree is the one of the run that lies beside it, and that run is what the README says of it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CutStreamRun } from "./cut-stream-run.ts";
import { drawCutStream } from "./draw-cut-stream.ts";
import { PICTURE_FILES, RUN_FILE } from "./picture-files.ts";

const run = JSON.parse(readFileSync(RUN_FILE, "utf8")) as CutStreamRun;

describe("the picture of the README", () => {
  it.each(PICTURE_FILES)("(%s) is drawn of the run that is kept", (language, file) => {
    expect(readFileSync(file, "utf8")).toBe(drawCutStream(run, language));
  });

  it("shows an answer that is whole and one that is not", () => {
    expect(run.flyball).toMatchObject({ text: run.text, end: "[DONE]" });
    expect(run.flyball.wordsAt).toHaveLength(run.words);
    expect(run.plain.wordsAt.length).toBeLessThan(run.words);
    expect(run.text.startsWith(run.plain.text)).toBe(true);
    expect(run.plain.end).not.toBe("[DONE]");
  });
});
