// The first thing that anybody does: a fresh checkout in an empty folder, `npm start`, the README's requests, Ctrl-C. It runs under the
// machine's own Node and npm, installs for itself, and must leave no process behind.
import { createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import { findTaggedProcesses } from "@flyball/wire";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT } from "./support/app-rig.ts";

const run = promisify(execFile);
const PORT = 5_710;
/** What the checkout may install beside Node itself. */
const INSTALLED_MB = 150;
/** From the clone to the first answer, on a machine that has nothing else to do … */
const FIRST_ANSWER_MS = 90_000;
/** … and beside the other files of this project. */
const FIRST_ANSWER_BUSY_MS = 150_000;

let folder: TemporaryFolder;
let started: ChildProcess;
let output = "";
let first: Reply | undefined;
let firstAnswerMs = 0;

/** The machine's own programs: the pinned Node that runs the tests must not be what makes `npm start` work. */
function machinePath(): string {
  const pinned = dirname(process.execPath);
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((part) => part !== pinned && !part.includes("node_modules"))
    .join(delimiter);
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function ask(
  body: string | Buffer,
  options: { headers?: Record<string, string>; host?: string } = {},
): Promise<Reply> {
  const headers = { "content-type": "application/x-www-form-urlencoded", ...options.headers };
  const outgoing = request({ host: options.host ?? "127.0.0.1", port: PORT, path: "/ask", method: "POST", headers });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [AsyncIterable<Buffer> & { statusCode: number }];
  let text = "";
  for await (const chunk of response) text += chunk.toString();
  return { status: response.statusCode, text };
}

const json = (reply: Reply): Record<string, unknown> => JSON.parse(reply.text) as Record<string, unknown>;

/** Megabytes on the disk of all that lies below, without the packages that hold Node. */
function installedMegabytes(path: string): number {
  const below = (folderPath: string): number =>
    readdirSync(folderPath, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith("node-linux-"))
      .reduce((sum, entry) => {
        const entryPath = join(folderPath, entry.name);
        return sum + (entry.isDirectory() ? below(entryPath) : lstatSync(entryPath).blocks * 512);
      }, 0);
  return below(path) / 1e6;
}

beforeAll(async () => {
  const begin = performance.now();
  folder = await createTemporaryFolder("fbc-");
  const { stdout } = await run("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: CHECKOUT,
    maxBuffer: 64 * 1024 * 1024,
  });
  // A file that is deleted but not committed yet is still named.
  for (const file of stdout.split("\n").filter((name) => name !== "" && existsSync(join(CHECKOUT, name)))) {
    cpSync(join(CHECKOUT, file), join(folder.path, "clone", file), { force: true, recursive: false });
  }
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: machinePath(),
    FLYBALL_STATE: join(folder.path, "state"),
    LC_ALL: "C.UTF-8",
    NO_COLOR: "1",
  };
  for (const name of Object.keys(environment))
    if (name.startsWith("npm_") || name === "NODE_OPTIONS") delete environment[name];
  started = spawn("npm", ["start", "--", "--port", String(PORT)], {
    cwd: join(folder.path, "clone"),
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const isReady = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes("Ctrl-C ends the app")) resolve();
    };
    started.stdout?.on("data", read);
    started.stderr?.on("data", read);
    started.on("exit", (code) => reject(new Error(`npm start ended with ${code}\n${output}`)));
  });
  await isReady;
  first = await ask("question=什么是人工智能？");
  firstAnswerMs = performance.now() - begin;
}, 170_000);

afterAll(async () => {
  if (started?.exitCode === null && started.signalCode === null && started.pid !== undefined)
    process.kill(-started.pid, "SIGKILL");
  await folder?.dispose();
});

describe("a fresh clone after npm start", () => {
  it("gave its first answer soon after the clone and installed little beside Node", () => {
    const megabytes = installedMegabytes(join(folder.path, "clone", "node_modules"));
    const seconds = (firstAnswerMs / 1_000).toFixed(1);
    console.info(
      `first answer ${seconds} s after the clone (promised ${FIRST_ANSWER_MS / 1_000}); ${megabytes.toFixed(0)} MB`,
    );
    expect(first?.status).toBe(200);
    expect(firstAnswerMs).toBeLessThanOrEqual(FIRST_ANSWER_BUSY_MS);
    expect(megabytes).toBeGreaterThan(1);
    expect(megabytes).toBeLessThanOrEqual(INSTALLED_MB);
  });

  it("prints a table of its services and three things to try, a kill among them", () => {
    for (const service of ["question", "language", "database", "engine"])
      expect(output).toMatch(new RegExp(`${service} +✓ ready`));
    expect(output).toContain(`curl -X POST -d "question=什么是人工智能？" http://127.0.0.1:${PORT}/ask`);
    expect(output).toMatch(/kill -9 \d+/);
  });

  it("answers the README's request in Chinese, and the same in English, on both loopback addresses", async () => {
    const chinese = await ask("question=什么是人工智能？");
    expect(chinese.status).toBe(200);
    expect(json(chinese)).toMatchObject({ answerable: true, language: "zh" });
    expect(String(json(chinese)["answer"])).toContain("计算机科学");
    const english = json(await ask("question=What is artificial intelligence?", { host: "::1" }));
    expect(english).toMatchObject({ answerable: true, language: "en" });
    expect(String(english["answer"])).toContain("field of computing");
  });

  it("says that it cannot answer what it does not know, and invents nothing", async () => {
    expect(json(await ask("question=法国的首都是哪里？"))).toMatchObject({
      answerable: false,
      answer: "无法回答该问题。",
    });
    expect(json(await ask("question=What is the capital of France?"))).toMatchObject({
      answerable: false,
      answer: "I cannot answer this question.",
    });
  });

  it("answers 400 with a code to an empty question, and names the encoding of GBK bytes", async () => {
    const empty = await ask("question=");
    expect(empty.status).toBe(400);
    expect(json(empty)).toMatchObject({ error: { code: "QA_EMPTY_QUESTION" } });
    const gbk = await ask(
      Buffer.concat([
        Buffer.from("question="),
        Buffer.from([0xca, 0xb2, 0xc3, 0xb4, 0xca, 0xc7, 0xc8, 0xcb, 0xb9, 0xa4, 0xd6, 0xc7, 0xc4, 0xdc]),
      ]),
    );
    expect(gbk.status).toBe(400);
    expect(gbk.text).toContain("GBK");
    const percent = await ask("question=100%");
    expect(percent.status).toBe(200);
    expect(json(percent)).toMatchObject({
      question: "100%",
      answerable: false,
      answer: "I cannot answer this question.",
    });
  });

  it("gives the definitions that the example's README asks for: by a model, as JSON and as a stream", async () => {
    const breaker = json(await ask("question=How does a circuit breaker protect a service?"));
    expect(breaker).toMatchObject({ answerable: true, answered_by: "extractive" });
    expect(String(breaker["answer"])).toContain("stops them for a while once too many have failed");
    expect(breaker["sources"]).toMatchObject([{ id: "circuit-breaker" }]);
    const headers = { "content-type": "application/json" };
    const canary = json(await ask(JSON.stringify({ question: "What is a canary release?" }), { headers }));
    expect(canary).toMatchObject({ question: "What is a canary release?", answerable: true });
    expect(String(canary["answer"])).toContain("sends a small share of the traffic to a new version");
    const stream = await ask("question=消息队列有什么作用？", { headers: { accept: "text/event-stream" } });
    const events = stream.text.split("\n\n").filter((event) => event !== "");
    const done = events.at(-1)?.split("\ndata: ") ?? [];
    expect(events.filter((event) => event.startsWith("event: delta\n")).length).toBeGreaterThan(3);
    expect(done[0]).toBe("event: done");
    expect(JSON.parse(done[1] ?? "{}")).toMatchObject({
      answerable: true,
      language: "zh",
      answer: expect.stringContaining("直到接收方可以处理") as string,
    });
  });

  it("ends everything on Ctrl-C and leaves no process", async () => {
    const ended = once(started, "exit");
    // A terminal sends Ctrl-C to every process of the foreground: npm, its shell, the launcher and flyball.
    process.kill(-started.pid!, "SIGINT");
    await ended;
    const [app] = readdirSync(join(folder.path, "state"));
    expect(await findTaggedProcesses({ tag: `${app}/` })).toEqual([]);
  });
});
