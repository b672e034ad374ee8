// What the gateway learns of a model server, from the command line: how long answers are foretold to be, why a call went where it went; and that
// it is still known after the app has been down.
import type { CallExplanation, PredictionStatus } from "@flyball/core";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appProcesses, killHard } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { sendRequest, type Reply } from "./support/send-request.ts";

const OUTPUT_TOKENS = 40;
const KV_TOKENS = 20_000;
const CALLS = 30;

const MANIFEST = `
name: learned
services:
  llm:
    serve:
      engine: simulated
      model: simulated
      args: [--speed, "20", --output-tokens, "${OUTPUT_TOKENS}", --kv-tokens, "${KV_TOKENS}"]
models:
  chat: { backends: [{ service: llm }] }
gateway: { workers: 1, listeners: { public: { port: 18655 } } }
routes:
  - { name: api, path: /v1, models: [chat] }
`;

describe("what is learned of models", () => {
  let rig: AppRig;
  let origin: string;

  async function up(): Promise<void> {
    await rig.up();
    const { listeners } = await rig.status();
    const { host, port } = listeners.find(({ id }) => id === "public/public")!.address;
    origin = `http://${host}:${port}`;
  }

  beforeAll(async () => {
    rig = await createAppRig({ manifest: MANIFEST });
    await up();
  });
  afterAll(() => rig?.dispose());

  function call(id: string): Promise<Reply> {
    return sendRequest({
      url: `${origin}/v1/chat/completions`,
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": id },
      body: JSON.stringify({
        model: "chat",
        stream: true,
        messages: [{ role: "user", content: "What is a governor?" }],
      }),
      limitMs: 10_000,
    });
  }

  async function command<T>(...words: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await rig.flyball(...words, "-o", "json");
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  }

  it("is shown by `flyball models predict`, with what the engine says of itself", async () => {
    for (let each = 0; each < CALLS; each += 1) expect((await call(`call-${each}`)).status).toBe(200);
    let status = await command<PredictionStatus>("models", "predict");
    await rig.until("the engine's metrics are read", async () => {
      status = await command<PredictionStatus>("models", "predict");
      return status.endpoints[0]?.kvTokenCap !== null;
    });
    expect(status.models).toMatchObject([{ model: "chat", answers: CALLS, count: CALLS }]);
    expect(status.models[0]?.medianErrorFactor).toBeLessThan(1.2);
    expect(status.endpoints).toMatchObject([{ kvTokenCap: Math.floor(KV_TOKENS / 16) * 16, foreignRunning: 0 }]);
    expect(status.endpoints[0]?.firstTokens).toBeGreaterThan(0);
    expect(status.engines).toEqual({ answering: 1, asked: 1 });
    const { stdout } = await rig.flyball("models", "predict");
    expect(stdout).toContain("WITHIN P90");
    expect((await rig.flyball("models", "predict", "--lang", "zh")).stdout).toContain("系统提示");
  });

  it("is shown of one call by `flyball explain`, joined with the ledger", async () => {
    let explanation = await command<CallExplanation>("explain", "call-7");
    await rig.until("the ledger has the call", async () => {
      explanation = await command<CallExplanation>("explain", "call-7");
      return explanation.calls.length > 0;
    });
    expect(explanation.calls).toMatchObject([
      { requestId: "call-7", model: "chat", outcome: "answered", usage: { output: OUTPUT_TOKENS } },
    ]);
    expect(explanation.scheduling).toMatchObject({ requestId: "call-7", pool: "llm", state: "ended" });
    expect(explanation.scheduling?.attempts).toHaveLength(1);
    const { stdout } = await rig.flyball("explain", "call-7");
    expect(stdout).toContain("nobody waited");
    expect(stdout).toContain("Ledger: answered");
  });

  it("is nothing of a call that nobody knows", async () => {
    const { code, stderr } = await rig.flyball("explain", "never-seen");
    expect(code).toBe(1);
    expect(stderr).toContain("FB_CONTROL_CALL_UNKNOWN");
    expect(stderr).toContain("x-request-id");
  });

  it("is known after the app has been down, and after the gateway was killed", async () => {
    await rig.flyball("down");
    await up();
    const [before] = (await command<PredictionStatus>("models", "predict")).models;
    expect(before).toMatchObject({ model: "chat", answers: CALLS });
    const journal = join(rig.stateFolder(), "journal");
    expect(existsSync(join(journal, "learned.json"))).toBe(true);
    expect(readdirSync(journal).filter((name) => name.endsWith(".new"))).toEqual([]);
    await killHard((await appProcesses(rig.stateFolder())).gateway);
    await rig.until("the gateway is back", async () => (await rig.flyball("models", "predict")).code === 0);
    const [after] = (await command<PredictionStatus>("models", "predict")).models;
    expect(after).toMatchObject({ model: "chat", answers: CALLS });
  });
});
