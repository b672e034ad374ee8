// `flyball simulate` and `flyball simulate capacity`, from the words to what is written. Traces are made here, small and by hand.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@flyball/fakes";
import { describe, expect, it, vi } from "vitest";
import { runCommandLine } from "../command-line/run-command-line.ts";
import type { SimulationReport } from "../simulate/simulation-report.ts";
import { type CommandResult, runForTest } from "../testing/run-for-test.ts";

// A page sweeps five loads.
vi.setConfig({ testTimeout: 60_000 });

/** Two clients in turn: one asks for much, one for little; bursts of four every two seconds. */
const TRACE = [
  "arrival_s,client_id,input_tokens,output_tokens",
  ...Array.from({ length: 120 }, (_, index) => {
    const isLong = index % 2 === 0;
    return [Math.floor(index / 4) * 2, isLong ? "<batch>" : "chat", isLong ? 2_000 : 100, isLong ? 400 : 50].join(",");
  }),
].join("\n");

async function withTrace<Result>(
  use: (run: (...words: string[]) => Promise<CommandResult>, directory: string) => Promise<Result>,
): Promise<Result> {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "t.csv"), TRACE);
  return await use((...words) => runForTest(words, { directory: folder.path }), folder.path);
}

const SLOW = ["--policy", "round-robin,least-request", "--profile", "serial-4", "--seed", "7"];

describe("flyball simulate", () => {
  it("shows a row for each case and which was best", async () => {
    const { exitCode, stdout, stderr } = await withTrace((run) =>
      run("simulate", "t.csv", ...SLOW, "--replicas", "1,2"),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "t.csv: 120 requests in 58 s, 2.05/s; 1050 tokens in and 225 out on average; clients: 2
      Objective: first token within 2 s, 100 ms between tokens. Seed 7.

      POLICY         POOL          REQ/S  TTFT P50  P95     P99     ITL P50  P99    GOOD     GOODPUT/S  NOT SERVED  PREEMPTED  CACHED  FAIRNESS  REPLICA-HOURS
      round-robin    1 × serial-4  2.05   2.2 s     4.1 s   4.7 s   7.6 ms   10 ms  45.0 %   0.923      0           0          0.0 %   0.715     0.018
      least-request  1 × serial-4  2.05   2.2 s     4.1 s   4.7 s   7.6 ms   10 ms  45.0 %   0.923      0           0          0.0 %   0.715     0.018
      round-robin    2 × serial-4  2.05   28 ms     477 ms  478 ms  6.3 ms   9 ms   100.0 %  2.05       0           0          0.0 %   0.98      0.0341
      least-request  2 × serial-4  2.05   241 ms    471 ms  480 ms  6.8 ms   10 ms  100.0 %  2.05       0           0          0.0 %   0.975     0.0338

      Best at 2.05/s: least-request on 2 × serial-4, 100.0 % within the objective; next round-robin on 2 × serial-4, 100.0 %
      "
    `);
  });

  it("gives scripts everything, the same for the same seed", async () => {
    const [first, second] = await withTrace(async (run) => [
      await run("simulate", "t.csv", ...SLOW, "--rate", "1x,4/s", "-o", "json"),
      await run("simulate", "t.csv", ...SLOW, "--rate", "1x,4/s", "-o", "json"),
    ]);
    expect(first?.stdout).toBe(second?.stdout);
    const report = JSON.parse(first?.stdout ?? "") as SimulationReport;
    expect(report.trace).toMatchObject({ name: "t.csv", requests: 120, spanMs: 58_000, clients: 2 });
    expect(report.cases.map(({ policy, requestsPerSecond }) => [policy, Number(requestsPerSecond.toFixed(3))])).toEqual(
      [
        ["round-robin", 2.052],
        ["least-request", 2.052],
        ["round-robin", 4],
        ["least-request", 4],
      ],
    );
    for (const each of report.cases) {
      expect(each.requests).toBe(120);
      expect(each.clients.map(({ client }) => client)).toEqual(["<batch>", "chat"]);
      expect(each.replicaHours).toBeGreaterThan(58_000 / each.loadFactor / 3_600_000);
      expect(each.goodput).toBeLessThanOrEqual(each.requestsPerSecond * 1.02);
    }
  });

  it("speaks Chinese", async () => {
    const { stdout } = await withTrace((run) => run("simulate", "t.csv", ...SLOW, "--lang", "zh"));
    expect(stdout).toContain("目标：首个 token 在 2 s 内");
    expect(stdout).toContain("达标率");
  });

  it("writes a page that needs nothing else: a table for every picture, names made harmless, no number missing", async () => {
    await withTrace(async (run, directory) => {
      const { exitCode, stderr } = await run("simulate", "t.csv", ...SLOW, "--report", "r.html");
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "✓ Wrote r.html\n" });
      expect(readdirSync(directory).toSorted()).toEqual(["r.html", "t.csv"]);
      const page = readFileSync(join(directory, "r.html"), "utf8");
      expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
      expect(page.match(/<svg class="plot"/g)).toHaveLength(5);
      expect(page.match(/<details>.*?<table>/gs)).toHaveLength(5);
      expect(page).toContain("prefers-color-scheme:dark");
      expect(page).toContain("default-src 'none'");
      expect(page).not.toMatch(/https?:|<script|src=|@import|url\(/);
      expect(page).toContain("&lt;batch&gt;");
      expect(page).not.toContain("<batch>");
      expect(page).not.toMatch(/NaN|undefined|Infinity|null/);
      await run("simulate", "t.csv", ...SLOW, "--report", "r.html", "--lang", "zh");
      const chinese = readFileSync(join(directory, "r.html"), "utf8");
      expect(chinese).toContain('<html lang="zh-CN">');
      for (const title of ["首个 token 用时", "token 间隔", "有效吞吐与负载", "客户端之间的公平性", "成本"])
        expect(chinese).toContain(`<h2>${title}</h2>`);
    });
  });

  it("replays what has no span, no clients and one request, and says less", async () => {
    await withTrace(async (run, directory) => {
      writeFileSync(join(directory, "one.csv"), "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,374,1\n");
      const { exitCode } = await run("simulate", "one.csv", ...SLOW, "--report", "one.html");
      expect(exitCode).toBe(0);
      const page = readFileSync(join(directory, "one.html"), "utf8");
      expect(page).toContain("The trace does not tell who asks");
      expect(page).not.toContain("Goodput over load");
      expect(page).not.toMatch(/NaN|undefined|Infinity/);
    });
  });

  it.each([
    ["a trace that is not there", ["simulate", "x.csv"], "there is no trace x.csv"],
    ["a policy that is not there", ["simulate", "t.csv", "--policy", "srtf"], "expected one of round-robin"],
    ["an engine that is not there", ["simulate", "t.csv", "--profile", "h100"], "--profile: expected one of 8b-a100"],
    ["a rate that is none", ["simulate", "t.csv", "--rate", "fast"], "--rate: expected a factor such as 2x"],
    ["an objective that is none", ["simulate", "t.csv", "--objective", "p99=1s"], "--objective: expected ttft="],
    [
      "a place that cannot be written",
      ["simulate", "t.csv", "--report", "no/r.html", "--policy", "random"],
      "no/r.html cannot be written",
    ],
    ["no trace and no app", ["simulate"], "there is no app here that has served calls; name a trace"],
    [
      "a policy with a slip of the finger",
      ["simulate", "t.csv", "--policy", "lest-request"],
      "Did you mean least-request?",
    ],
    [
      "an objective that no engine can keep",
      ["simulate", "t.csv", "--objective", "itl=1ms"],
      "--objective itl=1 ms: 8b-a100 takes at least 11 ms with nothing else to do",
    ],
    [
      "the same for the first token",
      ["simulate", "capacity", "t.csv", "--objective", "ttft=20ms"],
      "--objective ttft=20 ms: 8b-a100 takes at least 26 ms with nothing else to do",
    ],
  ])("ends with code 2 for %s", async (_name, words, message) => {
    const { exitCode, stdout, stderr } = await withTrace((run) => run(...words));
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain("Try: flyball");
  });

  it("names bad rows and ends with code 2, unless it may leave them out and there are others", async () => {
    await withTrace(async (run, directory) => {
      writeFileSync(join(directory, "bad.csv"), `${TRACE}\nnow,a,1,1\n4`);
      const named =
        "! bad.csv:122: arrival_s: the time is not a number, seen now\n! bad.csv:123: 1 columns, the header has 4, seen 4\n";
      const refused = await run("simulate", "bad.csv", ...SLOW);
      expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
      expect(refused.stderr).toContain(`${named}✗ 2 of 122 rows cannot be used`);
      expect(refused.stderr).toContain("Try: flyball simulate bad.csv");
      const some = await run("simulate", "bad.csv", ...SLOW, "--skip-bad-rows");
      expect(some.exitCode).toBe(0);
      expect(some.stderr).toBe(`${named}2 of 122 rows cannot be used and are left out\n`);
      writeFileSync(join(directory, "none.csv"), "a,b\n1,2\n");
      const none = await run("simulate", "none.csv");
      expect(none.exitCode).toBe(2);
      expect(none.stderr).toContain("! none.csv:1: the header is not known");
      expect(none.stderr).toContain("none.csv holds no request that can be replayed");
    });
  });

  it("shows how far it is on a terminal only, and takes it away again", async () => {
    const shown = await withTrace(async (_run, directory) => {
      const texts = { out: "", err: "" };
      const sink = (name: "out" | "err") => ({ isTTY: true, write: (text: string) => (texts[name] += text) });
      await runCommandLine({
        argv: ["simulate", "t.csv", ...SLOW],
        environment: { NO_COLOR: "1" },
        workingDirectory: directory,
        home: directory,
        userName: "ann",
        version: "1.2.3",
        stdout: sink("out"),
        stderr: sink("err"),
        signals: { on: () => undefined, off: () => undefined, ppid: 1 },
      });
      return texts;
    });
    expect(shown.err.split("\r")).toEqual([
      "",
      "1/2  round-robin, 1 × serial-4, ×1\u001b[K",
      "2/2  least-request, 1 × serial-4, ×1\u001b[K",
      "\u001b[K",
    ]);
    expect(shown.out).not.toContain("\r");
  });
});

describe("flyball simulate capacity", () => {
  const capacity = ["simulate", "capacity", "t.csv", "--policy", "least-request"];

  it("explains the limits, plans, checks by a simulation and says whether they agree", async () => {
    const { exitCode, stdout } = await withTrace((run) => run(...capacity, "--rate", "20/s"));
    expect(exitCode).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "t.csv: 120 requests in 58 s, 2.05/s; 1050 tokens in and 225 out on average; clients: 2
      Objective: first token within 2 s, 100 ms between tokens. Seed 1.

      8b-a100 at 20 requests/s

        LIMIT                REQ/S A REPLICA  WHEN IT IS REACHED
        prefill              13.2             reading alone, step after full step: rate × uncached input × time a token = all its time
      → decode slots         6.68             Little: rate × output × step = requests that run at once
        KV memory            6.74             rate × Σ(tokens kept × steps) × step = tokens of its memory
        time between tokens  6.71             the step, which grows with what it carries, reaches the objective

      Planned replicas: 4 = 20/s ÷ (6.68/s × 80.0 %), rounded up; what binds is: decode slots
      Each then has 5/s: a step of 19 ms, 21.7 requests writing (slots 17.0 %, memory 10.7 %, prefill 37.7 %); first token at p95 about 234 ms

      Checked by simulation (least-request):
      INSTANCES  GOOD     TTFT P50  P95     ITL P50  P95     N COUNTED  X × R
      ✗ 1        25.8 %   1.9 s     3.7 s   46 ms    156 ms  60         0
      ✓ 2        100.0 %  202 ms    478 ms  26 ms    53 ms   48.2       32.4
      ✓ 3        100.0 %  174 ms    350 ms  20 ms    27 ms   40.6       33
      ✓ 4        100.0 %  170 ms    317 ms  16 ms    22 ms   38.4       31.8

      They disagree: the formulas say 4, in simulation 2 are enough for 95.0 %. The difference is the room that the formulas leave for another day's bursts.
      Little's law does not hold there: X × R = 5.55/s × 5.8 s = 32.4, counted: 48.2 requests in the system. It is still filling when the trace ends, so a longer trace may need more.
      "
    `);
  });

  it("gives scripts the plan, the trials and the answer, with Little's law in them", async () => {
    const { stdout } = await withTrace((run) => run(...capacity, "--rate", "20/s", "-o", "json"));
    const { results } = JSON.parse(stdout) as {
      results: readonly {
        plan: { replicas: number };
        replicas: number;
        trials: readonly { replicas: number; isKept: boolean }[];
      }[];
    };
    const [result] = results;
    const least = Math.min(...(result?.trials ?? []).filter(({ isKept }) => isKept).map(({ replicas }) => replicas));
    expect(result?.replicas).toBe(least);
    expect(result?.trials[0]?.replicas).toBe(result?.plan.replicas);
  });

  it.each([
    [["--objective", "ttft=100ms"], "No number of replicas keeps it: a long prompt takes 1"],
    [["--rate", "2000/s", "--max-replicas", "2"], "More replicas than --max-replicas"],
  ])("ends with code 3 where there is no answer: %s", async (words, message) => {
    const { exitCode, stdout } = await withTrace((run) => run(...capacity, ...words));
    expect(exitCode).toBe(3);
    expect(stdout).toContain(message);
  });

  it("needs one rate, and a trace that has one", async () => {
    await withTrace(async (run, directory) => {
      expect((await run(...capacity, "--rate", "1x,2x")).stderr).toContain("expected one rate");
      writeFileSync(join(directory, "one.csv"), "arrival_s,client_id,input_tokens,output_tokens\n0,a,1,1\n");
      expect((await run("simulate", "capacity", "one.csv")).stderr).toContain("has no rate");
    });
  });
});
