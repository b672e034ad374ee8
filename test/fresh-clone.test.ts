// The first thing that anybody does: a fresh checkout in an empty folder, `npm start`, the README's requests, Ctrl-C. It runs under the
// machine's own Node and npm, installs for itself, and must leave no process behind.
import { createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import { findTaggedProcesses } from "@flyball/wire";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT } from "./support/app-rig.ts";

const run = promisify(execFile);
const PORT = 5_710;

let folder: TemporaryFolder;
let started: ChildProcess;
let output = "";

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

beforeAll(async () => {
  folder = await createTemporaryFolder("fbc-");
  const { stdout } = await run("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: CHECKOUT,
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const file of stdout.split("\n").filter((name) => name !== "")) {
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
}, 170_000);

afterAll(async () => {
  if (started?.exitCode === null && started.signalCode === null && started.pid !== undefined)
    process.kill(-started.pid, "SIGKILL");
  await folder?.dispose();
});

describe("a fresh clone after npm start", () => {
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
    expect((await ask("question=100%")).status).toBe(200);
  });

  it("takes JSON, and streams when asked to", async () => {
    const reply = await ask(JSON.stringify({ question: "请讲讲金丝雀发布到底怎么做" }), {
      headers: { "content-type": "application/json" },
    });
    expect(json(reply)).toHaveProperty("answer");
    const stream = await ask("question=Could you please explain canary releases to me", {
      headers: { accept: "text/event-stream" },
    });
    expect(stream.text).toContain("event: done");
    expect(stream.text.split("\n\n").length).toBeGreaterThan(3);
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
