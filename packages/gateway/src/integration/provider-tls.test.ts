// A provider outside is reached over TLS with its name checked.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { BackendSnapshot } from "@flyball/core";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { key, model, snapshot } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasOpenssl())("a provider behind TLS", () => {
  const directory = mkdtempSync(join(tmpdir(), "fb-tls-"));
  const certificate = join(directory, "certificate.pem");
  const privateKey = join(directory, "key.pem");
  let provider: Server;
  let rig: Rig;

  const provide = (id: string, host: string): BackendSnapshot => ({
    kind: "provider",
    id,
    provider: "example",
    baseUrl: `https://${host}:${(provider.address() as AddressInfo).port}/v1`,
    model: "m",
    apiKeySecret: "outside",
  });

  beforeAll(async () => {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", privateKey, "-out", certificate];
    execFileSync("openssl", ["req", ...made, ...subject], { stdio: "ignore" });
    const tls = { key: readFileSync(privateKey), cert: readFileSync(certificate) };
    provider = createServer(tls, (request, response) => {
      request.resume();
      response.end(JSON.stringify({ key: request.headers.authorization, host: request.headers.host }));
    });
    await new Promise<void>((resolve) => void provider.listen(0, "127.0.0.1", resolve));
    rig = await createRig({
      listeners: ["models"],
      secrets: { "@keys": "s", outside: "sk-outside" },
      environment: { NODE_EXTRA_CA_CERTS: certificate },
    });
    rig.send(
      snapshot(1, {
        listeners: ["models"],
        models: [
          { ...model("right", []), backends: [provide("right", "localhost")] },
          { ...model("wrong", []), backends: [provide("wrong", "127.0.0.1")] },
        ],
        keys: [key("k", "s", ["right", "wrong"])],
      }),
    );
    await rig.start().ready;
  });
  afterAll(async () => {
    await rig.dispose();
    provider.close();
    provider.closeAllConnections();
    rmSync(directory, { recursive: true });
  });
  const call = (name: string) =>
    send({
      port: rig.port("models"),
      path: "/v1/chat/completions",
      headers: { authorization: "Bearer k" },
      body: JSON.stringify({ model: name }),
    });

  it("answers through a verified connection, with the secret as its key", async () => {
    const reply = await call("right");
    const { port } = provider.address() as AddressInfo;
    expect(reply.json()).toEqual({ key: "Bearer sk-outside", host: `localhost:${port}` });
  });

  it("gets nothing when its certificate is for another name", async () => {
    const reply = await call("wrong");
    expect([reply.status, reply.json().error.code]).toEqual([502, "FB_GATEWAY_CONNECT"]);
  });
});
