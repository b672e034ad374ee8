import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseCommandLine, UsageError, usageText, type BenchUsage } from "./command-line.ts";

const USAGE: BenchUsage = {
  file: "bench/some.ts",
  purpose: "What something costs.",
  words: [{ name: "rounds", says: "how often; 3" }],
  options: {
    quick: { says: "short intervals" },
    only: { value: "NAME,NAME", says: "only these" },
    minutes: { value: "N", says: "how long; 10" },
  },
};

const read = (...words: string[]) => parseCommandLine(USAGE, words);

describe("the command line of a bench", () => {
  it("has switches, texts, numbers, lists and words, and none of them when nothing is written", () => {
    const line = read("5", "--quick", "--only", "nginx, flyball", "--minutes=0.5");
    expect([line.isOn("quick"), line.number("rounds", 1), line.number("minutes", 0, true)]).toEqual([true, 5, 0.5]);
    expect(line.list("only", ["flyball", "nginx"])).toEqual(["nginx", "flyball"]);
    const none = read();
    expect([none.isOn("quick"), none.number("rounds", 1), none.text("minutes"), none.list("only")]).toEqual([
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each<[string, () => unknown, string]>([
    ["an unknown option", () => read("--qiuck"), "there is no option --qiuck (did you mean --quick?)"],
    ["an unknown letter", () => read("-z"), "there is no option -z"],
    ["a missing value", () => read("--only", "--quick"), "--only needs a value: NAME,NAME"],
    ["a value too many", () => read("--quick=yes"), "--quick takes no value"],
    ["a word too many", () => read("1", "more"), "more is one word too many"],
    ["a word that is no number", () => read("x").number("rounds", 1), "rounds: a whole number of at least 1, seen x"],
    ["a fraction", () => read("1.5").number("rounds", 1), "rounds: a whole number of at least 1, seen 1.5"],
    [
      "a number too small",
      () => read("--minutes", "0").number("minutes", 1),
      "--minutes: a whole number of at least 1, seen 0",
    ],
    [
      "an unknown name",
      () => read("--only", "nginx,flybal").list("only", ["flyball", "nginx"]),
      "--only: there is no flybal (did you mean flyball?); there are flyball, nginx",
    ],
  ])("refuses %s by name", (_what, run, message) => {
    expect(run).toThrow(new UsageError(message));
  });

  it("is told in a text of all that it takes", () => {
    expect(usageText(USAGE)).toBe(`Usage: node tools/launch.mjs run node bench/some.ts [rounds] [options]
What something costs.

  rounds            how often; 3
  --quick           short intervals
  --only NAME,NAME  only these
  --minutes N       how long; 10
  --help            this text`);
  });
});

const CHECKOUT = join(import.meta.dirname, "../..");
/** Programs say in their first lines how they are run. */
const benches = globSync("bench/{,scheduling/}*.ts", { cwd: CHECKOUT })
  .filter((file) => readFileSync(join(CHECKOUT, file), "utf8").includes(`node tools/launch.mjs run node ${file}`))
  .toSorted();

describe("every bench", () => {
  const run = (file: string, word: string) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const words = ["--conditions=flyball-source", file, word];
      execFile(process.execPath, words, { cwd: CHECKOUT, timeout: 20_000 }, (error, out, err) =>
        resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }),
      );
    });

  it.each(benches)("%s has a usage text, and refuses an option that it does not have", async (file) => {
    const [help, wrong] = await Promise.all([run(file, "--help"), run(file, "--no-such-option")]);
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toContain(`Usage: node tools/launch.mjs run node ${file} `);
    expect(wrong).toEqual({
      code: 2,
      out: "",
      err: `${file}: there is no option --no-such-option\nTry: node tools/launch.mjs run node ${file} --help\n`,
    });
  });
});
