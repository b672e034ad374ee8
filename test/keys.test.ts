// Virtual keys from the command line to the gateway: made, used, rotated, revoked, expired, refused for want of a tenant, and kept over a
// death of control.
import type { IssuedKey, KeyStatus, KeyUsage } from "@flyball/core";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appProcesses, killHard } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { sendRequest, type Reply } from "./support/send-request.ts";

/** What a revocation may take until every gateway refuses the key. */
const REVOCATION_LIMIT_MS = 1_000;

function manifest(tenants: string): string {
  return `
name: keys
services:
  llm: { serve: { engine: extractive, model: extractive } }
models:
  chat: { backends: [{ service: llm }] }
  other: { backends: [{ service: llm }] }
tenants: ${tenants}
gateway: { workers: 2, listeners: { public: { port: 18650 } } }
routes:
  - { name: api, path: /v1, models: [chat, other], requires_key: true }
`;
}

describe("virtual keys", () => {
  let rig: AppRig;
  let origin: string;

  beforeAll(async () => {
    rig = await createAppRig({ manifest: manifest("{ acme: {} }") });
    await rig.up();
    const { listeners } = await rig.status();
    const { host, port } = listeners.find(({ id }) => id === "public/public")!.address;
    origin = `http://${host}:${port}`;
  });
  afterAll(() => rig?.dispose());

  async function call(value: string, model = "chat"): Promise<Reply> {
    return sendRequest({
      url: `${origin}/v1/chat/completions`,
      method: "POST",
      headers: { authorization: `Bearer ${value}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "What is a governor?" }] }),
      limitMs: 10_000,
    });
  }

  async function models(value: string): Promise<readonly string[]> {
    const headers = { authorization: `Bearer ${value}` };
    const reply = await sendRequest({ url: `${origin}/v1/models`, method: "GET", headers, limitMs: 10_000 });
    return (JSON.parse(reply.body) as { data: readonly { id: string }[] }).data.map(({ id }) => id);
  }

  async function command<T>(...words: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await rig.flyball(...words, "-o", "json");
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  }

  /** Milliseconds until the status of a call is another one. */
  async function untilStatus(value: string, status: number): Promise<number> {
    const startedAt = performance.now();
    await rig.until(`a call is answered ${status}`, async () => (await call(value)).status === status, 5_000);
    return performance.now() - startedAt;
  }

  async function status(id: string): Promise<KeyStatus | undefined> {
    return (await rig.client().keys()).keys.find((key) => key.id === id);
  }

  it("that was just made opens the route, and a second after its revocation nothing", async () => {
    const { key, value } = await command<IssuedKey>("keys", "create", "--name", "ci");
    expect((await call(value)).status).toBe(200);
    const askedAt = performance.now();
    const { isInForce } = await rig.client().revokeKey(key.id, { reason: "leaked" });
    const took = performance.now() - askedAt;
    process.stdout.write(`every gateway knew of the revocation after ${Math.round(took)} ms\n`);
    expect([isInForce, took < REVOCATION_LIMIT_MS]).toEqual([true, true]);
    const replies = await Promise.all(Array.from({ length: 50 }, () => call(value)));
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([401]));
  });

  it("names models that it may use, and the others do not exist for it", async () => {
    const { value } = await command<IssuedKey>("keys", "create", "--model", "other");
    expect([(await call(value)).status, (await call(value, "other")).status]).toEqual([404, 200]);
    expect(await models(value)).toEqual(["other"]);
    const every = await command<IssuedKey>("keys", "create");
    expect(await models(every.value)).toEqual(["chat", "other"]);
  });

  it("that names a tenant which is none is a usage error with the nearest one", async () => {
    const { code, stdout, stderr } = await rig.flyball("keys", "create", "--tenant", "acmi");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("the app has no tenant acmi. Did you mean acme?");
  });

  it("works by both values for a while after a rotation", async () => {
    const { key, value } = await command<IssuedKey>("keys", "create", "--name", "rotated");
    const next = await command<IssuedKey>("keys", "rotate", "rotated", "--keep", "3s");
    expect(next.key.id).toBe(key.id);
    expect([(await call(value)).status, (await call(next.value)).status]).toEqual([200, 200]);
    await delay(Math.max(0, next.key.earlierValues[0]!.until - Date.now()));
    expect([(await call(value)).status, (await call(next.value)).status]).toEqual([401, 200]);
  });

  it("ends by the clock", async () => {
    const { key, value } = await rig.client().createKey({ expiresAt: Date.now() + 2_000 });
    expect((await call(value)).status).toBe(200);
    await delay(key.expiresAt! - Date.now());
    expect((await call(value)).status).toBe(401);
    expect(await status(key.id)).toMatchObject({ state: "expired" });
  });

  it("is refused, and the list says why, while the manifest has not its tenant", async () => {
    const { key, value } = await command<IssuedKey>("keys", "create", "--name", "tenant", "--tenant", "acme");
    expect((await call(value)).status).toBe(200);
    await rig.folder.write("app/flyball.yaml", manifest("{ umbrella: {} }"));
    await untilStatus(value, 401);
    expect(await status(key.id)).toMatchObject({ state: "refused" });
    const { stdout } = await rig.flyball("keys", "list");
    expect(stdout).toContain("tenant: the current revision has no tenant acme");
    await rig.folder.write("app/flyball.yaml", manifest("{ acme: {} }"));
    await untilStatus(value, 200);
  });

  it("shows what it has used, by the ledger", async () => {
    const { key, value } = await command<IssuedKey>("keys", "create", "--name", "counted");
    for (let turn = 0; turn < 3; turn += 1) await call(value);
    let usage: readonly KeyUsage[] = [];
    await rig.until("its calls are in the ledger", async () => {
      usage = (await rig.client().keyUsage({ key: "counted" })).usage;
      return usage[0]?.calls === 3;
    });
    expect(await command("keys", "usage", "counted", "--since", "1d")).toEqual(usage);
    expect(usage).toMatchObject([{ key: key.id, name: "counted", failed: 0, usd: 0, cny: 0 }]);
    expect(usage[0]!.inputTokens).toBeGreaterThan(0);
    expect(usage[0]!.outputTokens).toBeGreaterThan(0);
  });

  it("is there after control was killed, and so are a hundred", async () => {
    const issued: IssuedKey[] = [];
    for (let turn = 0; turn < 100; turn += 1) issued.push(await rig.client().createKey({ name: `of many ${turn}` }));
    const before = (await rig.client().keys()).keys;
    await killHard((await appProcesses(rig.stateFolder())).control);
    expect((await call(issued[0]!.value)).status).toBe(200);
    await rig.until("control is back", async () =>
      rig
        .client()
        .health()
        .then(
          () => true,
          () => false,
        ),
    );
    expect((await rig.client().keys()).keys).toEqual(before);
    const statuses = new Set<number | undefined>();
    for (const { value } of issued) statuses.add((await call(value)).status);
    expect(statuses).toEqual(new Set([200]));
    await rig.client().revokeKey("of many 7", {});
    expect(await untilStatus(issued[7]!.value, 401)).toBeLessThan(REVOCATION_LIMIT_MS);
  });

  it("4: of one install means nothing to another, whose secrets are its own and which knows no key at first", async () => {
    const other = await createAppRig({ manifest: manifest("{ acme: {} }").replace("18650", "18651") });
    try {
      await other.up();
      const { listeners } = await other.status();
      const { host, port } = listeners.find(({ id }) => id === "public/public")!.address;
      const ask = (value: string): Promise<Reply> =>
        sendRequest({
          url: `http://${host}:${port}/v1/models`,
          method: "GET",
          headers: { authorization: `Bearer ${value}` },
          limitMs: 10_000,
        });
      const { value } = await command<IssuedKey>("keys", "create");
      expect((await models(value)).length).toBeGreaterThan(0);
      const secrets = ["keys.secret", "token"].map((file) =>
        [rig, other].map(({ stateFolder }) => readFileSync(join(stateFolder(), file), "utf8").trim()),
      );
      for (const [mine, theirs] of secrets) {
        expect(mine).toMatch(/^[0-9a-f]{64}$/);
        expect(theirs).toMatch(/^[0-9a-f]{64}$/);
        expect(mine).not.toBe(theirs);
      }
      expect((await other.client().keys()).keys.filter(({ state }) => state === "live")).toEqual([]);
      const guesses = [value, "", "flyball", "admin", "sk-1234", ...secrets.flat()];
      for (const guess of guesses) expect((await ask(guess)).status).toBe(401);
      // Neither does the token of one control open another.
      const { url } = JSON.parse(readFileSync(join(other.stateFolder(), "control.json"), "utf8")) as { url: string };
      const withToken = (token: string) => fetch(`${url}/v1/status`, { headers: { authorization: `Bearer ${token}` } });
      expect((await withToken(secrets[1]![0]!)).status).toBe(401);
      expect((await withToken(secrets[1]![1]!)).status).not.toBe(401);
    } finally {
      await other.dispose();
    }
  });

  it("stands nowhere in the app's state, nor in its processes' environments, by its value", async () => {
    const { value } = await command<IssuedKey>("keys", "create");
    await call(value);
    const secret = value.slice(7, 30);
    const files = readdirSync(rig.stateFolder(), { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    const hits = files.filter((file) => readFileSync(join(file.parentPath, file.name)).includes(secret));
    expect(hits.map(({ name }) => name)).toEqual([]);
    expect(files.some(({ name }) => name === "snapshot.json")).toBe(true);
    for (const { pid } of (await appProcesses(rig.stateFolder())).tagged) {
      expect(readFileSync(`/proc/${pid}/environ`).includes(secret)).toBe(false);
    }
  });
});
