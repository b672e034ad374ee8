// `flyball tune` on a case whose best answer is known: bursts of 32 answers of 40 tokens every 3 s, steps of 10 ms and 1 ms a sequence, 30 ms between
// tokens and 2 s to the first allowed. 32 at once take 42 ms a step: all miss. 16 at once take 26 ms, the second half begins after 1.04 s: all
// keep it. 8 at once take 18 ms, the last quarter begins after 2.2 s: it misses. So it is 16, on one replica.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test, vi } from "vitest";
import { type CommandResult, runForTest } from "../testing/run-for-test.ts";

// Searches are many simulations.
vi.setConfig({ testTimeout: 60_000 });

const BURSTS = [
  "arrival_s,client_id,input_tokens,output_tokens",
  ...Array.from({ length: 128 }, (_, index) => `${Math.floor(index / 32) * 3},a,10,40`),
].join("\n");

const ENGINE = '--step-ms, "10", --per-sequence-ms, "1", --prefill-rate, "1000000"';
const MANIFEST = `apiVersion: flyball/v1
name: rag
services:
  llm:   # answers
    serve: { engine: simulated, args: [${ENGINE}, --concurrency, "64"] }
    replicas: 2
  web: { command: [node, web.js] }
models:
  chat: { backends: [{ service: llm }] }
`;

const WORDS = ["tune", "t.csv", "--objective", "ttft=2s,itl=30ms", "--max-replicas", "3"];

async function inApp<Result>(
  manifest: string,
  use: (run: (...words: string[]) => Promise<CommandResult>, path: string) => Promise<Result>,
): Promise<Result> {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "t.csv"), BURSTS);
  const path = join(folder.path, "flyball.yaml");
  writeFileSync(path, manifest, { mode: 0o640 });
  return await use((...words) => runForTest(words, { directory: folder.path }), path);
}

test("finds the known optimum and proposes the difference with X and R before and after, and writes nothing", async () => {
  await inApp(MANIFEST, async (run, path) => {
    const { exitCode, stdout, stderr } = await run(...WORDS);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      `--- flyball.yaml
+++ flyball.yaml
@@ -2,8 +2,9 @@
 name: rag
 services:
   llm:   # answers
-    serve: { engine: simulated, args: [${ENGINE}, --concurrency, "64"] }
-    replicas: 2
+    serve: { engine: simulated, args: [${ENGINE}, --concurrency, "16"] }
+    concurrency: 16
+    replicas: 1
   web: { command: [node, web.js] }
 models:
   chat: { backends: [{ service: llm }] }
`.trimEnd(),
    );
    expect(stdout).toMatch(/now +2 +64 /);
    expect(stdout).toMatch(/proposed +1 +16 .* 100\.0 %/);
    expect(stderr).toContain("Nothing was written");
    expect(readFileSync(path, "utf8")).toBe(MANIFEST);
  });
});

test("writes the proposal with --write, keeps the file's mode, and finds nothing better then", async () => {
  await inApp(MANIFEST, async (run, path) => {
    const first = await run(...WORDS, "--write");
    expect(first.stderr).toContain(`✓ Wrote ${path}`);
    expect(readFileSync(path, "utf8")).toContain("concurrency: 16\n    replicas: 1\n");
    expect(statSync(path).mode & 0o777).toBe(0o640);
    const second = await run(...WORDS, "--write", "--lang", "zh", "--runs", "300");
    expect(second).toMatchObject({ exitCode: 0, stderr: "" });
    expect(second.stdout).toContain("没有更好的：副本数不更多的所有组合都已模拟。");
  });
});

test("searches the tokens of a step: a long prompt that is read in small parts does not hold up the others", async () => {
  // A prompt of 2,000 tokens each 0.3 s, 0.1 ms a token: in one step it stops all others for 200 ms, in parts of 256 for 26 ms.
  const prompts = Array.from({ length: 60 }, (_, index) => `${(index * 0.3).toFixed(1)},a,2000,40`);
  const long = ["arrival_s,client_id,input_tokens,output_tokens", ...prompts].join("\n");
  const manifest = MANIFEST.replace(
    /args: .*] }/,
    'args: [--step-ms, "10", --prefill-rate, "10000", --concurrency, "16", --step-tokens, "2048"] }',
  ).replace("replicas: 2", "replicas: 1");
  await inApp(manifest, async (run, path) => {
    writeFileSync(join(path, "../t.csv"), long);
    const words = ["tune", "t.csv", "--objective", "itl=27ms", "--max-replicas", "1", "--write"];
    const { exitCode, stdout } = await run(...words);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^now +1 +16 +2048 /m);
    expect(stdout).toMatch(/^proposed +1 +\d+ +256 .* 100\.0 %/m);
    expect(stdout).toContain("services.llm.serve.args --step-tokens: 2048 → 256");
    const config = await run("config", "--resolved", "-o", "json");
    expect(config.exitCode).toBe(0);
    expect(config.stdout.replaceAll(/\s/g, "")).toContain('"--step-tokens","256"');
  });
});

test("gives scripts the settings, the changes and the difference", async () => {
  const { stdout } = await inApp(MANIFEST, (run) => run(...WORDS, "-o", "json"));
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(report).toMatchObject({
    service: "llm",
    engine: "simulated",
    isWritten: false,
    changes: [
      { field: "services.llm.replicas", from: "2", to: "1" },
      { field: "services.llm.concurrency", to: "16" },
      { field: "services.llm.serve.args --concurrency", from: "64", to: "16" },
    ],
    found: {
      before: { settings: { replicas: 2, concurrency: 64 } },
      after: { settings: { replicas: 1, concurrency: 16 } },
    },
  });
});

test("ends with code 3 where nothing keeps the objective, and still shows what comes nearest", async () => {
  const { exitCode, stdout } = await inApp(MANIFEST, (run) =>
    run("tune", "t.csv", "--objective", "itl=12ms", "--max-replicas", "2"),
  );
  expect(exitCode).toBe(3);
  expect(stdout).toContain("Nothing that was tried keeps the objective for 95.0 %");
});

test("leaves the number of replicas to scaling", async () => {
  const scaled = MANIFEST.replace("replicas: 2", "scale: { min: 1, max: 2 }");
  const { stdout } = await inApp(scaled, (run) => run(...WORDS, "-o", "json"));
  const { found, changes } = JSON.parse(stdout) as { found: { after: unknown }; changes: readonly { field: string }[] };
  expect(found.after).toMatchObject({ settings: { replicas: 2 } });
  expect(changes.map(({ field }) => field)).not.toContain("services.llm.replicas");
});

test("tunes vLLM by its own arguments, and needs to be told which engine it is like", async () => {
  const vllm = MANIFEST.replace(
    /serve: .*/,
    'command: [vllm, serve, m, --max-num-seqs, "64", "--max-num-batched-tokens=2048", --port, "${instance.port}"]',
  );
  await inApp(vllm, async (run) => {
    expect((await run(...WORDS)).stderr).toContain("say with --profile which engine it is like");
    const { stdout } = await run(...WORDS, "--profile", "8b-a100", "--runs", "12", "-o", "json");
    const { engine, found } = JSON.parse(stdout) as {
      engine: string;
      found: { before: { settings: unknown }; runs: number };
    };
    expect(engine).toBe("vllm");
    expect(found.before.settings).toEqual({ replicas: 2, concurrency: 64, chunk: 2_048 });
    expect(found.runs).toBe(12);
  });
});

test("says so when the file is not what decides, and changes nothing", async () => {
  const overlaid = `${MANIFEST}targets: { local: { overlay: { services: { llm: { replicas: 3 } } } } }\n`;
  await inApp(overlaid, async (run, path) => {
    const { stdout, stderr } = await run(...WORDS, "--write");
    expect(stdout).toContain("services.llm.replicas: 3 → 1");
    expect(stdout).not.toContain("+++");
    expect(stderr).toContain("are set elsewhere than in this file");
    expect(readFileSync(path, "utf8")).toBe(overlaid);
  });
});

test.each([
  [
    "nothing can be tuned",
    MANIFEST.replace(/serve: .*/, "command: [node, llm.js]"),
    [],
    "no service of the app has an engine that can be simulated",
  ],
  [
    "another service is named",
    MANIFEST,
    ["--service", "web"],
    "the service web cannot be tuned; those that can are llm",
  ],
  [
    "there are several",
    MANIFEST.replace("web: { command: [node, web.js] }", "b: { serve: { engine: simulated } }"),
    [],
    "several services can be tuned (llm, b)",
  ],
])("ends with code 2 where %s", async (_name, manifest, words, message) => {
  const { exitCode, stderr } = await inApp(manifest, (run) => run(...WORDS, ...words));
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});
