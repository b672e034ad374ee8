// Attack 8: keys of providers, from a variable and from a file, are used by calls and stand nowhere else: no file of the app's state, no
// log, page, command's output, argument or environment of any process, also after control, gateway and a call's backend have failed.
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appProcesses, killHard } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { sendRequest, type Reply } from "./support/send-request.ts";
import { serviceFiles } from "./support/service-files.ts";

const CANARIES = {
  fromVariable: "sk-canary-of-a-variable-8d1c",
  fromFile: "sk-canary-of-a-file-57ab",
  ofService: "canary-of-a-service-91fe",
} as const;
const COMMANDS = [
  ["status"],
  ["status", "-o", "json"],
  ["ps", "-o", "json"],
  ["logs", "-o", "json"],
  ["config", "--resolved"],
  ["history", "-o", "json"],
  ["diff"],
  ["incidents", "-o", "json"],
  ["keys", "list", "-o", "json"],
  ["doctor", "-o", "json"],
] as const;

const isTelling = (content: string | Buffer): boolean =>
  Object.values(CANARIES).some((canary) => content.includes(canary));

describe("8: keys of providers", () => {
  let provider: FakeUpstream;
  let app: AppRig;

  beforeAll(async () => {
    provider = await createFakeUpstream();
    app = await createAppRig({
      manifest: `
name: canary
services:
  web: { command: [node, web.mjs], environment: { TOKEN: "\${secrets.service}" } }
models:
  chat:
    backends: [{ provider: inhouse, base_url: "${provider.url}/v1", model: real, api_key: "\${secrets.variable}" }]
  other:
    backends: [{ provider: anthropic, base_url: "${provider.url}/v1", model: real, api_key: "\${secrets.file}" }]
gateway: { workers: 2, listeners: { public: { port: 18655 } } }
routes:
  - { name: api, path: /v1, models: [chat, other] }
secrets: { variable: { env: CANARY_OF_PROVIDER }, file: { file: ./provider.key }, service: { env: CANARY_OF_SERVICE } }
`,
      files: { ...serviceFiles("web.mjs"), "provider.key": CANARIES.fromFile },
      environment: {
        CANARY_OF_PROVIDER: CANARIES.fromVariable,
        CANARY_OF_SERVICE: CANARIES.ofService,
        FLYBALL_LOG_LEVEL: "debug",
      },
    });
    await app.up();
  });
  afterAll(async () => {
    await app?.dispose();
    await provider?.dispose();
  });

  async function call(model: string, more: object = {}): Promise<Reply> {
    const { listeners } = await app.status();
    const { host, port } = listeners.find(({ id }) => id === "public/public")!.address;
    return sendRequest({
      url: `http://${host}:${port}/v1/chat/completions`,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, max_tokens: 20, messages: [{ role: "user", content: "count" }], ...more }),
      limitMs: 10_000,
    });
  }

  /** What anybody may read: files, pages, outputs, and what the system shows of each process. */
  async function expectNothingTold(): Promise<void> {
    const told: string[] = [];
    const files = readdirSync(app.stateFolder(), { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    for (const { parentPath, name } of files) {
      if (isTelling(readFileSync(join(parentPath, name)))) told.push(join(parentPath, name));
    }
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(["snapshot.json"]));
    expect(files.some(({ name }) => name.endsWith(".journal"))).toBe(true);
    const { keeper, control, gateway, tagged } = await appProcesses(app.stateFolder());
    const pids = new Set([keeper, control, gateway, ...tagged].map(({ pid }) => pid));
    const instances = new Set((await app.instances("web")).map(({ pid }) => pid));
    for (const pid of pids) {
      if (isTelling(readFileSync(`/proc/${pid}/cmdline`))) told.push(`arguments of ${pid}`);
      // The instance was given its own secret by its manifest, and nobody else's.
      const environ = readFileSync(`/proc/${pid}/environ`).toString();
      const others = instances.has(pid) ? environ.replaceAll(CANARIES.ofService, "") : environ;
      if (instances.has(pid)) expect(environ).toContain(CANARIES.ofService);
      if (isTelling(others)) told.push(`environment of ${pid} (${readFileSync(`/proc/${pid}/cmdline`)})`);
    }
    expect(pids.size).toBeGreaterThanOrEqual(4);
    for (const words of COMMANDS) {
      const { stdout, stderr } = await app.flyball(...words);
      if (isTelling(stdout + stderr)) told.push(`flyball ${words.join(" ")}`);
    }
    const { address } = (await app.status()).listeners.find(({ kind }) => kind === "admin")!;
    for (const path of ["metrics", "endpoints", "health"]) {
      const page = await fetch(`http://${address.host}:${address.port}/${path}`);
      if (isTelling(await page.text())) told.push(path);
    }
    expect(told).toEqual([]);
  }

  it("reach their providers and stand nowhere else, whatever the providers answer", async () => {
    const replies = [await call("chat"), await call("chat", { stream: true }), await call("other")];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    const sent = provider.requests.map(({ headers }) => headers["authorization"] ?? headers["x-api-key"]);
    expect(sent).toEqual([`Bearer ${CANARIES.fromVariable}`, `Bearer ${CANARIES.fromVariable}`, CANARIES.fromFile]);
    for (const status of [400, 401, 403, 429, 500]) {
      provider.set({ status, body: '{"error":{"message":"no","type":"x"}}' });
      replies.push(await call("chat"), await call("other", { stream: true }));
    }
    provider.set({ fault: { kind: "reset" } });
    replies.push(await call("chat"), await call("other"));
    provider.reset();
    expect(replies.some(({ body }) => isTelling(body))).toBe(false);
    // Journals and logs are written behind the calls.
    await delay(300);
    await expectNothingTold();
  });

  it("neither after the gateway and control were killed and the keeper has started them anew", async () => {
    const { gateway, control } = await appProcesses(app.stateFolder());
    await killHard(gateway);
    await killHard(control);
    await app.until("a call is answered with the same key", async () => {
      const before = provider.requests.length;
      const reply = await call("chat").catch(() => undefined);
      return (
        reply?.status === 200 &&
        provider.requests[before]?.headers["authorization"] === `Bearer ${CANARIES.fromVariable}`
      );
    });
    await app.until("control answers", async () =>
      app
        .client()
        .health()
        .then(
          () => true,
          () => false,
        ),
    );
    await expectNothingTold();
  });
});
