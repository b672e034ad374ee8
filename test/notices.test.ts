// Notices of a running app: a killed instance is told within five seconds of its detection, in the language of the manifest, signed; what waited
// while the receiver was away and control was killed arrives, and no secret is told.
import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appProcesses, killHard } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { serviceFiles } from "./support/service-files.ts";

const KEY = "canary-of-the-hook-3f91";

interface Seen {
  readonly at: number;
  readonly id: string;
  readonly isSigned: boolean;
  readonly body: {
    readonly status: string;
    readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[];
    readonly notice: { readonly kind: string; readonly title: string };
  };
}

describe("notices of a running app", () => {
  const seen: Seen[] = [];
  let isAway = false;
  let receiver: Server;
  let app: AppRig;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      request.on("end", () => {
        if (isAway) return void response.writeHead(503).end("away");
        const header = (name: string): string => String(request.headers[name]);
        const signed = `${header("webhook-id")}.${header("webhook-timestamp")}.${text}`;
        const signature = `v1,${createHmac("sha256", KEY).update(signed).digest("base64")}`;
        const isSigned = header("webhook-signature") === signature;
        seen.push({ at: Date.now(), id: header("webhook-id"), isSigned, body: JSON.parse(text) as Seen["body"] });
        response.end("ok");
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    app = await createAppRig({
      manifest: `
name: told
services:
  web: { command: [node, web.mjs] }
notify:
  channels:
    ops: { type: webhook, url: "http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook", secret: "\${secrets.hook}" }
  language: zh
  dead_man: { to: ops, every: 5s }
secrets: { hook: { env: KEY_OF_THE_HOOK } }
`,
      files: serviceFiles("web.mjs"),
      environment: { KEY_OF_THE_HOOK: KEY },
    });
    await app.up();
  });
  afterAll(async () => {
    await app?.dispose();
    receiver?.closeAllConnections();
    receiver?.close();
  });

  const of = (kind: string): readonly Seen[] => seen.filter(({ body }) => body.notice.kind === kind);

  async function killWeb(): Promise<void> {
    const [instance] = await app.instances("web");
    process.kill(instance?.pid ?? 0, "SIGKILL");
  }

  it("a test notice arrives, and the command says what the other side answered", async () => {
    const { code, stdout } = await app.flyball("notify", "test", "ops");
    expect([code, stdout]).toEqual([0, "✓ ops (webhook): 200 ok\n"]);
    expect(of("test")).toMatchObject([{ isSigned: true }]);
    const unknown = await app.flyball("notify", "test", "nobody");
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("Channels are: ops");
  });

  it("the heartbeat beats", async () => {
    await app.until("two heartbeats have arrived", () => of("heartbeat").length >= 2, 20_000);
    expect(of("heartbeat")[0]?.body.alerts[0]?.labels["alertname"]).toBe("Watchdog");
  });

  it("a killed instance is told within five seconds of its detection, in Chinese", async () => {
    await killWeb();
    await app.until("the notice has arrived", () => of("opened").length > 0, 20_000);
    const [incident] = await app.incidents();
    const [notice] = of("opened");
    expect((notice?.at ?? 0) - (incident?.detectedAt ?? 0)).toBeLessThanOrEqual(5_000);
    expect(notice).toMatchObject({ isSigned: true, body: { notice: { title: "[发生] told：web/0 被 SIGKILL 终止" } } });
  });

  it("what waited while the receiver was away and control was killed arrives; the status names the channel until then", async () => {
    isAway = true;
    const before = await app.flyball("notify", "test");
    expect([before.code, before.stdout]).toEqual([1, "✗ ops (webhook): 503 away\n"]);
    expect((await app.flyball("status")).stdout).toContain("✗ notices do not reach ops (webhook): 503 away");
    await app.until(
      "the first incident is over",
      async () => (await app.incidents()).every(({ state }) => state === "recovered"),
      60_000,
    );
    await app.until("its end waits", async () => (await app.status()).notices?.[0]?.queued === 1, 120_000);
    await killHard((await appProcesses(app.stateFolder())).control);
    isAway = false;
    await app.until("it has arrived", () => of("resolved").length > 0, 60_000);
    expect(of("resolved")[0]?.body.status).toBe("resolved");
    expect(new Set(of("resolved").map(({ id }) => id)).size).toBe(1);
    expect(of("opened")).toHaveLength(1);
    await app.until("the channel works", async () => (await app.status()).notices?.[0]?.state === "works", 20_000);
  }, 240_000);

  it("nobody is told the key", async () => {
    expect(JSON.stringify(seen)).not.toContain(KEY);
    for (const command of [
      ["status", "-o", "json"],
      ["config", "--resolved"],
      ["notify", "-o", "json"],
      ["history", "-o", "json"],
    ]) {
      expect((await app.flyball(...command)).stdout).not.toContain(KEY);
    }
  });
});
