import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runForTest } from "../testing/run-for-test.ts";

const directory = mkdtempSync(join(tmpdir(), "flyball-cli-"));
afterAll(() => rmSync(directory, { recursive: true }));

test.each([[["--help"]], [["-h"]], [["help"]], [[]]])("%j prints help to stdout and exits with 0", async (argv) => {
  const { exitCode, stdout, stderr } = await runForTest(argv);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("Usage: flyball");
});

test("the version is one line", async () => {
  expect(await runForTest(["--version"])).toEqual({ exitCode: 0, stdout: "1.2.3\n", stderr: "" });
});

test("help speaks the language of --lang before that of the locale", async () => {
  expect((await runForTest(["--help"], { environment: { LANG: "zh_CN.UTF-8" } })).stdout).toContain("用法：");
  expect((await runForTest(["--help", "--lang", "en"], { environment: { LANG: "zh_CN.UTF-8" } })).stdout).toContain(
    "Usage:",
  );
});

test.each([
  [["frobnicate"], "there is no command frobnicate", "Try: flyball --help"],
  [["statsu"], "there is no command statsu", "Try: flyball status"],
  [["ps", "--bogus"], "flyball ps has no option --bogus", "Try: flyball ps --help"],
  [["restart"], "flyball restart needs the argument <service>", "Try: flyball restart --help"],
  [["up", "--port"], "the option --port <number> needs a value", "Try: flyball up --help"],
  [["ps", "a", "b"], "flyball ps has more arguments than it takes", "Try: flyball ps --help"],
  [["ps", "-o", "xml"], "--output: expected text, json or ndjson, seen xml", "Try: flyball --help"],
  [["ps", "--lang", "fr"], "--lang: expected en or zh, seen fr", "Try: flyball --help"],
  [["up", "--port", "70000"], "--port: expected a whole number from 1 to 65535, seen 70000", "Try: flyball --help"],
  [["completion", "tcsh"], "shell: expected one of bash, zsh, fish, seen tcsh", "Try: flyball completion bash"],
])("%j is a usage error: what was seen, a command to try, the code, exit 2, no stack", async (argv, message, hint) => {
  const { exitCode, stdout, stderr } = await runForTest(argv, { directory });
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toBe(`✗ ${message}\n  ${hint}\n  FB_CLI_USAGE\n`);
});

test("the same error in Chinese, and as JSON for a script", async () => {
  expect((await runForTest(["nope", "--lang", "zh"])).stderr).toContain("没有命令 nope");
  const { exitCode, stderr } = await runForTest(["pause", "--for", "soon", "-o", "json"], { directory });
  expect(exitCode).toBe(2);
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: "FB_CLI_USAGE",
      message: "--for: expected a duration such as 90s, 15m or 1h30m, seen soon",
      hint: "Try: flyball --help",
      details: { reason: "--for: expected a duration such as 90s, 15m or 1h30m, seen soon", command: "flyball --help" },
    },
  });
});

test("no manifest is exit code 2 with the command that makes one", async () => {
  const { exitCode, stderr } = await runForTest(["up"], { directory });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`no manifest at ${directory}/flyball.yaml`);
  expect(stderr).toContain("Try: flyball init");
});

test("a wrong manifest is exit code 2 with file, line, column and the nearest key", async () => {
  const path = join(directory, "bad.yaml");
  writeFileSync(path, "apiVersion: flyball/v1\nname: bad\nservices:\n  api: { comand: [node] }\n");
  const { exitCode, stderr } = await runForTest(["config", "-f", "bad.yaml"], { directory });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("bad.yaml:4:10 services.api.comand: unknown key");
  expect(stderr).toContain('Did you mean "command"?');
});

test("an app that does not run is exit code 1 and says how to start it", async () => {
  const path = join(directory, "good.yaml");
  writeFileSync(path, "apiVersion: flyball/v1\nname: good\nservices:\n  api: { command: [node, server.js] }\n");
  const { exitCode, stderr } = await runForTest(["ps", "--file", "good.yaml"], { directory });
  expect(exitCode).toBe(1);
  expect(stderr).toBe("✗ good.yaml is not running\n  Try: flyball --file good.yaml up\n  FB_CLI_NOT_RUNNING\n");
});

test("down says that nothing ran, and that is no failure", async () => {
  const { exitCode, stdout } = await runForTest(["down", "--file", "good.yaml", "-o", "json"], { directory });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ app: null, ended: [] });
});

test("logs keeps -f for following and takes the manifest by --file", async () => {
  const { exitCode, stderr } = await runForTest(["logs", "-f", "--file", "good.yaml"], { directory });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("good.yaml is not running");
});

test("a secret without a value is named before anything is started", async () => {
  const path = join(directory, "secret.yaml");
  const manifest = [
    "apiVersion: flyball/v1",
    "name: secret",
    "services:",
    '  api: { command: [node, server.js], environment: { KEY: "${secrets.key}" } }',
    "secrets: { key: { env: SECRET_FOR_TEST } }",
  ];
  writeFileSync(path, `${manifest.join("\n")}\n`);
  const { exitCode, stderr } = await runForTest(["up", "-f", "secret.yaml"], { directory });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("the secret key has no value: the environment variable SECRET_FOR_TEST is not set");
  expect(stderr).toContain("Try: export SECRET_FOR_TEST=…");
});
