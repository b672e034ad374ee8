// What users install: the compiled packages as npm packs them, installed into an empty folder, governing an app there. Nothing of the
// checkout is reachable from it, so a file that is missing in a package, or a path that works only in the checkout, fails here.
import { createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installPacked } from "./support/packed-install.ts";

const run = promisify(execFile);
let folder: TemporaryFolder;
let flyball: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await createTemporaryFolder("fbp-");
  const installed = await installPacked(folder.path);
  flyball = installed.command;
  expect(installed.packages).toBeGreaterThan(10);
  environment = { ...process.env, FLYBALL_STATE: join(folder.path, "state"), NO_COLOR: "1", LC_ALL: "C.UTF-8" };
  delete environment["NODE_OPTIONS"];
}, 180_000);

afterAll(async () => {
  await folder?.dispose();
});

describe("the packed command", () => {
  it("carries no sources and no tests", async () => {
    const inside = globSync("node_modules/{flyball,@flyball/*}/**/*.ts", { cwd: folder.path });
    expect(inside.filter((file) => !file.endsWith(".d.ts"))).toEqual([]);
    expect(inside.length).toBeGreaterThan(100);
  });

  it("carries the fault catalogue, and the processes of a drill", async () => {
    const { stdout } = await run(flyball, ["drill", "list"], { env: environment, cwd: folder.path });
    expect(stdout).toContain("crash");
    expect(stdout).toContain("dependency-down-overload");
    const inside = "node_modules/flyball/dist/bundled/entries/{referee,fault-proxy,lease-keeper}.js";
    expect(globSync(inside, { cwd: folder.path })).toHaveLength(3);
  });

  it("governs an app with an engine in an empty folder, answers a chat call and leaves nothing", async () => {
    const manifest = await folder.write(
      "app/flyball.yaml",
      "name: packed\nservices:\n  engine: { serve: { engine: simulated }, replicas: 2 }\nmodels:\n  chat: { backends: [{ service: engine }] }\ngateway: { listeners: { web: { port: 8123 } } }\nroutes:\n  - { path: /v1, listener: web, model: chat }\n",
    );
    try {
      const up = await run(flyball, ["up", "-d", "-f", manifest], { env: environment, cwd: folder.path });
      expect(up.stdout + up.stderr).toContain("ready");
      const status = JSON.parse(
        (await run(flyball, ["status", "-f", manifest, "-o", "json"], { env: environment })).stdout,
      ) as {
        listeners: { id: string; address: { port: number } }[];
      };
      const port = status.listeners.find((listener) => listener.id === "public/web")?.address.port;
      const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "hello" }], max_tokens: 5 }),
      });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ object: "chat.completion" });
    } finally {
      const down = await run(flyball, ["down", "-f", manifest], { env: environment });
      expect(down.stdout + down.stderr).toContain("ended");
    }
  });

  it("shows its help and version without loading the rest", async () => {
    const { stdout } = await run(flyball, ["--help"], { env: environment });
    expect(stdout).toContain("up");
    expect((await run(flyball, ["--version"], { env: environment })).stdout).toContain("0.1.0");
  });
});
