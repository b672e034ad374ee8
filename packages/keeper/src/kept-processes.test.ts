import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findTaggedProcesses, isProcessAlive, parseLogLine } from "@flyball/wire";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startKeeperUnderTest, type KeeperUnderTest, type TestClient } from "../test/keeper-harness.ts";

// Real processes on a machine that may be busy; nothing here waits for time to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let keeper: KeeperUnderTest;
let client: TestClient;

beforeEach(async () => {
  keeper = await startKeeperUnderTest();
  client = await keeper.connect();
  await client.call("watch", {});
});
afterEach(() => keeper.dispose());

const textsOf = (lines: string[]): string[] =>
  lines.map((line) => parseLogLine(line)?.text ?? `not a log line: ${line}`);

describe("a kept process", () => {
  it("is reported with its identity, its exit code and every line of its output", async () => {
    const argv = await keeper.script(
      "a.mjs",
      `console.log("一 out"); console.error("err"); process.stdout.write("no newline"); process.exitCode = 3;`,
    );
    const started = await client.call("spawn", keeper.request({ argv, note: { revision: 7 } }));
    expect(started).toMatchObject({ tag: `${keeper.prefix}service/0`, state: "running", note: { revision: 7 } });
    expect(started.identity.startTicks).toBeGreaterThan(0);
    const exited = await client.untilExited(started);
    expect(exited.exit).toMatchObject({ code: 3, signal: null, wasRequested: false });
    const lines = (await readFile(join(keeper.layout.logs, "service/0.log"), "utf8"))
      .split("\n")
      .slice(0, -1)
      .map(parseLogLine);
    expect(lines.filter((line) => line?.stream === "stdout").map((line) => line?.text)).toEqual([
      "一 out",
      "no newline",
    ]);
    expect(lines.filter((line) => line?.stream === "stderr").map((line) => line?.text)).toEqual(["err"]);
  });

  it("gets exactly the environment that was asked for, and FLYBALL_INSTANCE", async () => {
    const argv = await keeper.script("a.mjs", `console.log(JSON.stringify(process.env)); console.log(process.cwd());`);
    const started = await client.call("spawn", keeper.request({ argv, environment: { A: "1" } }));
    await client.untilExited(started);
    const [environment, folder] = textsOf(await keeper.logLines("service/0.log", (lines) => lines.length === 2));
    expect(JSON.parse(environment!)).toEqual({ A: "1", FLYBALL_INSTANCE: `${keeper.prefix}service/0` });
    expect(folder).toBe(keeper.folder);
  });

  it("tells an exit that was asked for from a crash", async () => {
    const argv = await keeper.script("a.mjs", `setInterval(() => {}, 1000); console.log("up");`);
    const crashed = await client.call("spawn", keeper.request({ argv }));
    const asked = await client.call("spawn", keeper.request({ argv, tag: `${keeper.prefix}service/1` }));
    process.kill(crashed.identity.pid, "SIGKILL");
    expect(await client.call("signal", { key: asked.key, signal: "SIGTERM" })).toEqual({ signalled: 1 });
    expect((await client.untilExited(crashed)).exit).toMatchObject({
      code: null,
      signal: "SIGKILL",
      wasRequested: false,
    });
    expect((await client.untilExited(asked)).exit).toMatchObject({ code: null, signal: "SIGTERM", wasRequested: true });
    expect(await client.call("signal", { tag: asked.tag, signal: "SIGTERM" })).toEqual({ signalled: 0 });
  });

  it("gets a signal with its whole process group", async () => {
    const argv = ["sh", "-c", "sleep 1000 & echo up; wait"];
    const started = await client.call("spawn", keeper.request({ argv }));
    await keeper.logLines("service/0.log", (lines) => lines.length === 1);
    await client.call("signal", { tag: started.tag, signal: "SIGTERM" });
    await client.untilExited(started);
    await expect.poll(() => keeper.survivors()).toEqual([]);
  });

  it("is found again by another connection, until it is forgotten", async () => {
    const argv = await keeper.script("a.mjs", `console.log("up"); setInterval(() => {}, 1000);`);
    const running = await client.call("spawn", keeper.request({ argv, note: { revision: 1 } }));
    const ended = await client.call("spawn", keeper.request({ argv: ["true"], tag: `${keeper.prefix}job/0` }));
    await client.untilExited(ended);
    client.close();
    const other = await keeper.connect();
    const { processes } = await other.call("list", {});
    expect(processes.map(({ key, state }) => [key, state])).toEqual([
      [running.key, "running"],
      [ended.key, "exited"],
    ]);
    expect(processes[0]).toEqual(running);
    await other.call("forget", { keys: [ended.key, running.key] });
    expect((await other.call("list", {})).processes.map(({ key }) => key)).toEqual([running.key]);
  });

  it.each([
    ["a program that is not there", { argv: ["no-such-program"] }, /no such program \(ENOENT\)/],
    ["a file that is not executable", { argv: ["./plain.txt"] }, /not an executable file/],
    ["a folder that is not there", { argv: ["true"], workingDirectory: "/no/such/folder" }, /is not a folder/],
    ["no command", { argv: [] }, /cannot start nothing/],
    ["a NUL in an argument", { argv: ["true", "a\0b"] }, /NUL/],
  ])("is refused for %s, with the reason", async (_name, overrides, expected) => {
    await writeFile(join(keeper.folder, "plain.txt"), "no program");
    const answer = client.call("spawn", keeper.request(overrides));
    await expect(answer).rejects.toMatchObject({ code: "FB_KEEPER_SPAWN", message: expect.stringMatching(expected) });
    expect((await client.call("list", {})).processes).toEqual([]);
  });

  it("is refused with another app's tag, a log outside the log folder, or a note that is too long", async () => {
    const argv = ["true"];
    const log = { path: "../../x.log", maxBytes: 1, files: 1 };
    for (const overrides of [{ tag: "other.x/service/0" }, { log }, { note: { text: "x".repeat(3_000) } }])
      await expect(client.call("spawn", keeper.request({ argv, ...overrides }))).rejects.toMatchObject({
        code: "FB_KEEPER_FAILED",
      });
  });
});

describe("a secret", () => {
  it("reaches argv, environment and files, and stands in no log, list or error", async () => {
    await client.call("secrets-put", { values: { pg: "s3cr3t-value" } });
    const file = join(keeper.folder, "made", "config.txt");
    const argv = await keeper.script(
      "a.mjs",
      `import { readFileSync } from "node:fs";
       const want = "s3cr3t" + "-value";
       console.log(process.argv[2] === "p=" + want, process.env.DB === "x://" + want + "@h", readFileSync(${JSON.stringify(file)}, "utf8") === want + "!");`,
    );
    const started = await client.call(
      "spawn",
      keeper.request({
        argv: [...argv, "p=${secrets.pg}"],
        environment: { DB: "x://${secrets.pg}@h" },
        files: [{ path: file, content: "${secrets.pg}!" }],
      }),
    );
    await client.untilExited(started);
    expect(textsOf(await keeper.logLines("service/0.log", (lines) => lines.length > 0))).toEqual(["true true true"]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const broken = client.call("spawn", keeper.request({ argv: ["true", "${secrets.pg}\0"] }));
    const error = await broken.then(
      () => expect.unreachable(),
      (failure: Error) => failure,
    );
    const told = [
      JSON.stringify(await client.call("list", {})),
      JSON.stringify(error),
      error.message,
      JSON.stringify(client.events),
    ];
    for (const path of ["service/0.log"]) told.push(await readFile(join(keeper.layout.logs, path), "utf8"));
    told.push(await readFile(keeper.layout.keeperLog, "utf8"));
    expect(told.join("\n")).not.toContain("s3cr3t");
    expect(await client.call("secrets-get", { names: ["pg"] })).toEqual({ values: { pg: "s3cr3t-value" } });
  });

  it("that nobody put is named in the refusal", async () => {
    const answer = client.call("spawn", keeper.request({ argv: ["echo", "${secrets.nope}"] }));
    await expect(answer).rejects.toMatchObject({ code: "FB_KEEPER_SECRET", details: { name: "nope" } });
    await expect(client.call("secrets-get", { names: ["nope"] })).rejects.toMatchObject({ code: "FB_KEEPER_SECRET" });
  });
});

describe("output", () => {
  it("is complete and in order under a burst of 2,000 lines a second from two services", async () => {
    const argv = await keeper.script(
      "burst.mjs",
      `let n = 0;
       const timer = setInterval(() => {
         for (let i = 0; i < 20; i += 1) console.log("line " + n++);
         if (n === 3000) { clearInterval(timer); process.exit(0); }
       }, 10);`,
    );
    const log = (name: string): { path: string; maxBytes: number; files: number } => ({
      path: name,
      maxBytes: 1e7,
      files: 1,
    });
    const started = await Promise.all(
      ["a.log", "b.log"].map((name, ordinal) =>
        client.call("spawn", keeper.request({ argv, tag: `${keeper.prefix}burst/${ordinal}`, log: log(name) })),
      ),
    );
    await Promise.all(started.map((process) => client.untilExited(process)));
    for (const name of ["a.log", "b.log"]) {
      const text = await readFile(join(keeper.layout.logs, name), "utf8");
      expect(textsOf(text.split("\n").slice(0, -1))).toEqual(
        Array.from({ length: 3_000 }, (_, index) => `line ${index}`),
      );
    }
  });

  it("of 40 MB at once is complete, and the keeper stays small", async () => {
    const argv = await keeper.script(
      "flood.mjs",
      `import { writeSync } from "node:fs";
       const block = ("x".repeat(99) + "\\n").repeat(1000);
       const write = (text) => { let rest = Buffer.from(text); while (rest.length) { try { rest = rest.subarray(writeSync(1, rest)); } catch (e) { if (e.code !== "EAGAIN") throw e; } } };
       for (let i = 0; i < 400; i += 1) write(block);
       write("end\\n");`,
    );
    const started = await client.call(
      "spawn",
      keeper.request({ argv, log: { path: "f.log", maxBytes: 100_000_000, files: 1 } }),
    );
    await client.untilExited(started);
    const text = await readFile(join(keeper.layout.logs, "f.log"), "latin1");
    expect(text.split("\n").length - 1).toBe(400_001);
    expect(text.slice(-5)).toBe(" end\n");
    const status = await readFile(`/proc/${keeper.process.pid}/status`, "utf8");
    const peakKiB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
    expect(peakKiB).toBeLessThan(200 * 1024);
  });

  it("is cut at 64 KiB with a mark, never inside a character", async () => {
    const argv = await keeper.script("long.mjs", `process.stdout.write("一".repeat(60_000) + "\\nnext\\n");`);
    await client.untilExited(await client.call("spawn", keeper.request({ argv })));
    const texts = textsOf(await keeper.logLines("service/0.log", (lines) => lines.length >= 4));
    expect(texts.map((text) => text.startsWith("… "))).toEqual([false, true, true, false]);
    expect(
      texts
        .slice(0, 3)
        .map((text) => text.replace("… ", ""))
        .join(""),
    ).toBe("一".repeat(60_000));
    expect(texts[3]).toBe("next");
  });

  it("is rotated by size with a bounded number of files, and no line is lost on the way", async () => {
    const argv = await keeper.script("a.mjs", `for (let i = 0; i < 150; i += 1) console.log("line " + i);`);
    const log = { path: "r/0.log", maxBytes: 2_000, files: 3 };
    await client.untilExited(await client.call("spawn", keeper.request({ argv, log })));
    const folder = join(keeper.layout.logs, "r");
    expect((await readdir(folder)).toSorted()).toEqual(["0.log", "0.log.1", "0.log.2"]);
    const texts = await Promise.all(
      ["0.log.2", "0.log.1", "0.log"].map((name) => readFile(join(folder, name), "utf8")),
    );
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(2_000);
    expect(textsOf(texts.join("").split("\n").slice(0, -1))).toEqual(
      Array.from({ length: 150 }, (_, index) => `line ${index}`),
    );
    await client.untilExited(await client.call("spawn", keeper.request({ argv, log })));
    expect((await readdir(folder)).toSorted()).toEqual(["0.log", "0.log.1", "0.log.2", "0.log.3"]);
  });

  it("that cannot be written blocks nobody and is counted in the keeper's log", async () => {
    const argv = await keeper.script(
      "a.mjs",
      `for (let i = 0; i < 5000; i += 1) console.log("x".repeat(200)); console.error("done");`,
    );
    const log = { path: "full", maxBytes: 1_000_000, files: 1 };
    await mkdir(join(keeper.layout.logs, "full"), { recursive: true });
    const exited = await client.untilExited(await client.call("spawn", keeper.request({ argv, log })));
    expect(exited.exit?.code).toBe(0);
    const isTold = (line: string): boolean => /full lost \d+ lines: EISDIR/.test(line);
    await keeper.logLines("../keeper.log", (lines) => lines.some(isTold));
  });

  it("of a grandchild that outlives its parent still reaches the log, and the exit is told within 100 ms or so", async () => {
    const argv = ["sh", "-c", "(trap '' HUP; sleep 0.3; echo late) & echo early; exit 4"];
    const started = await client.call("spawn", keeper.request({ argv }));
    expect((await client.untilExited(started)).exit).toMatchObject({ code: 4 });
    expect(textsOf(await keeper.logLines("service/0.log", (lines) => lines.length === 2))).toEqual(["early", "late"]);
  });
});

describe("the output of a program", () => {
  it("can be opened again by its name, as that of a shell's pipe", async () => {
    const argv = ["sh", "-c", "echo one > /dev/stdout; echo two > /dev/stderr; echo three | tee /dev/stderr"];
    await client.untilExited(await client.call("spawn", keeper.request({ argv })));
    const lines = await keeper.logLines("service/0.log", (seen) => seen.length === 4);
    expect(lines.map((line) => line.slice(25)).toSorted()).toEqual(["e three", "e two", "o one", "o three"]);
  });

  it("arrives on a machine without mkfifo too", async () => {
    await keeper.dispose();
    keeper = await startKeeperUnderTest("bare");
    client = await keeper.connect();
    await client.call("watch", {});
    const argv = await keeper.script("a.mjs", `console.log("out"); console.error("err");`);
    await client.untilExited(await client.call("spawn", keeper.request({ argv })));
    expect(textsOf(await keeper.logLines("service/0.log", () => true)).toSorted()).toEqual(["err", "out"]);
  });

  it("leaves no descriptor and no file behind", async () => {
    const descriptors = async (): Promise<number> => (await readdir(`/proc/${keeper.process.pid}/fd`)).length;
    await client.untilExited(await client.call("spawn", keeper.request({ argv: ["true"] })));
    const before = await descriptors();
    for (let count = 0; count < 10; count += 1) {
      await client.untilExited(await client.call("spawn", keeper.request({ argv: ["true"] })));
      await expect(client.call("spawn", keeper.request({ argv: ["no-such-program"] }))).rejects.toThrow(
        /no such program/,
      );
    }
    expect(await descriptors()).toBeLessThanOrEqual(before + 1);
    expect(await client.call("sweep", { tag: keeper.prefix })).toMatchObject({ killed: [] });
  });
});

describe("a sweep", () => {
  it("catches npm → sh → node → setsid, kills nothing else, and marks the exit as requested", async () => {
    const leaf = await keeper.script("leaf.mjs", `console.log("leaf"); setInterval(() => {}, 1000);`);
    const middle = await keeper.script(
      "middle.mjs",
      `import { spawn } from "node:child_process";
       spawn("setsid", ${JSON.stringify(leaf)}, { stdio: "inherit", detached: true });
       setInterval(() => {}, 1000);`,
    );
    const argv = ["sh", "-c", `${middle.join(" ")} & wait`];
    const started = await client.call("spawn", keeper.request({ argv }));
    const other = await client.call(
      "spawn",
      keeper.request({ argv: leaf, tag: `${keeper.prefix}other/0`, log: { path: "o.log", maxBytes: 1e6, files: 1 } }),
    );
    await keeper.logLines("service/0.log", (lines) => lines.length === 1);
    const { killed } = await client.call("sweep", { tag: started.tag });
    expect(killed).toHaveLength(3);
    expect((await client.untilExited(started)).exit).toMatchObject({ signal: "SIGKILL", wasRequested: true });
    expect(await keeper.survivors()).toEqual([other.identity.pid]);
    expect((await client.call("sweep", { tag: keeper.prefix })).killed).toEqual([other.identity.pid]);
    expect(await keeper.survivors()).toEqual([]);
  });

  it("finds what is left of a process that exited, and nothing of it was killed before", async () => {
    const argv = ["sh", "-c", "setsid sleep 1000 & setsid sleep 1000 & echo up; exit 0"];
    const started = await client.call("spawn", keeper.request({ argv }));
    await client.untilExited(started);
    expect(await keeper.survivors()).toHaveLength(2);
    expect((await client.call("sweep", { tag: started.tag })).killed).toHaveLength(2);
  });

  it("finds a descendant that hides its environment, but not one of another app", async () => {
    const argv = ["sh", "-c", "env -i sleep 1001 & FLYBALL_INSTANCE=other.app/x/0 sleep 1002 & echo up; wait"];
    const started = await client.call("spawn", keeper.request({ argv }));
    await keeper.logLines("service/0.log", (lines) => lines.length === 1);
    await expect.poll(async () => (await findTaggedProcesses({ tag: "other.app/x/0" })).length).toBe(1);
    const [left] = await findTaggedProcesses({ tag: "other.app/x/0" });
    expect((await client.call("sweep", { tag: started.tag })).killed).toHaveLength(2);
    expect((await findTaggedProcesses({ tag: "other.app/x/0" })).map(({ stat }) => stat.pid)).toEqual([left!.stat.pid]);
    process.kill(left!.stat.pid, "SIGKILL");
  });

  it("wins against a process that forks all the time", async () => {
    const argv = ["sh", "-c", 'echo up; f() { sleep 0.01; sh -c "$0" & }; while true; do (setsid sleep 100 &) ; done'];
    const started = await client.call("spawn", keeper.request({ argv }));
    await keeper.logLines("service/0.log", (lines) => lines.length === 1);
    await client.call("sweep", { tag: started.tag });
    expect(await keeper.survivors()).toEqual([]);
  });

  it("of another app's tag is refused", async () => {
    await expect(client.call("sweep", { tag: "other.x/" })).rejects.toMatchObject({ code: "FB_KEEPER_FAILED" });
  });
});

it("an identity fits one process only", async () => {
  const started = await client.call("spawn", keeper.request({ argv: ["sleep", "100"] }));
  expect(isProcessAlive(started.identity)).toBe(true);
  expect(isProcessAlive({ ...started.identity, startTicks: started.identity.startTicks - 1 })).toBe(false);
  expect(isProcessAlive({ ...started.identity, bootId: "another boot" })).toBe(false);
  await client.call("sweep", { tag: started.tag });
  expect(isProcessAlive(started.identity)).toBe(false);
});
