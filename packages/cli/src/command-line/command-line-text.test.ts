import { expect, it } from "vitest";
import { commandLineText } from "./command-line-text.ts";

it.each([
  [["scale", "api=3", "--reason", "more load"], 'flyball scale api=3 --reason "more load"'],
  [["run", "api", "-e", "OPENAI_API_KEY=sk-1", "-e", "PIN=1234"], "flyball run api -e OPENAI_API_KEY=… -e PIN=…"],
  [["run", "api", "--", "psql", "postgres://u:secret@db/x"], "flyball run api -- psql postgres://u:…@db/x"],
  [["pause", "two\nlines"], String.raw`flyball pause "two\nlines"`],
  [[], "flyball"],
])("%j is written down as %j", (argv, text) => expect(commandLineText(argv)).toBe(text));

it("is cut where it is long", () => expect(commandLineText(["x".repeat(9_000)])).toHaveLength(500));
