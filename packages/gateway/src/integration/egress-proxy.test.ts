// Ways out of a real gateway: HTTP_PROXY, HTTPS_PROXY and NO_PROXY for providers, and certificates that the manifest brings.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request as forward, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { connect, type AddressInfo, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackendSnapshot } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const portOf = (server: NetServer): number => (server.address() as AddressInfo).port;

describe.skipIf(!hasOpenssl())("the way to a provider", () => {
  const directory = mkdtempSync(join(tmpdir(), "fb-egress-"));
  /** What the proxy was asked for, with all headers that it could read. */
  const asked: string[] = [];
  let plain: FakeUpstream;
  let secure: TlsServer;
  let proxy: Server;
  let rig: Rig;
  let certificate = "";
  let otherCertificate = "";
  let version = 0;

  beforeAll(async () => {
    plain = await createFakeUpstream();
    certificate = makeCertificate("secure");
    otherCertificate = makeCertificate("other");
    const tls = { key: readFileSync(join(directory, "secure.key")), cert: certificate };
    secure = createTlsServer(tls, (request, response) => {
      request.resume();
      response.end(JSON.stringify({ choices: [], key: request.headers.authorization }));
    });
    proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
      const { pathname } = new URL(request.url ?? "");
      const { method, headers } = request;
      const onward = forward({ port: plain.address.port, host: "127.0.0.1", path: pathname, method, headers });
      onward.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    proxy.on("connect", (request, socket) => {
      asked.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
      const onward = connect(portOf(secure), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      for (const end of [socket, onward]) end.on("error", () => undefined);
    });
    await Promise.all(
      [secure, proxy].map((server) => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))),
    );
    const address = `http://me:pass%21@127.0.0.1:${portOf(proxy)}`;
    rig = await createRig({
      listeners: ["models"],
      secrets: { "@keys": "s", outside: "sk-outside" },
      environment: {
        HTTP_PROXY: address,
        http_proxy: "",
        HTTPS_PROXY: address,
        https_proxy: "",
        NO_PROXY: "direct.example,.corp.example",
        no_proxy: "",
        TEST_NAMES: JSON.stringify({ "direct.example": [["127.0.0.1"]], "secure.example": [["127.0.0.1"]] }),
      },
    });
    rig.send(served([]));
    await rig.start().ready;
  });
  afterAll(async () => {
    await rig.dispose();
    await plain.dispose();
    for (const server of [secure, proxy]) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(directory, { recursive: true });
  });

  /** A certificate of its own for secure.example and localhost. */
  function makeCertificate(name: string): string {
    const path = join(directory, `${name}.pem`);
    const made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:secure.example,DNS:localhost"];
    const files = ["-keyout", join(directory, `${name}.key`), "-out", path];
    execFileSync("openssl", ["req", ...made, ...files, ...subject], { stdio: "ignore" });
    return readFileSync(path, "utf8");
  }

  type Provider = Extract<BackendSnapshot, { kind: "provider" }>;

  function served(backends: readonly BackendSnapshot[]) {
    version += 1;
    const timeouts = { connectMs: 1_000, firstByteMs: 5_000, gapMs: 5_000, totalMs: 0 };
    return snapshot(version, {
      listeners: ["models"],
      pools: [pool("own", [endpoint("own/0@1", plain.address.port)])],
      models: [{ ...model("chat", []), timeouts, backends }],
      keys: [key("k", "s", ["chat"])],
    });
  }

  async function ask(baseUrl: string, more: Partial<Provider> = {}): Promise<Reply> {
    const backend: BackendSnapshot = {
      kind: "provider",
      id: "chat/0",
      provider: "acme",
      baseUrl,
      model: "m",
      apiKeySecret: "outside",
      ...more,
    };
    return askFor(backend);
  }

  async function askFor(backend: BackendSnapshot): Promise<Reply> {
    expect(await rig.publish(served([backend]))).toBe("applied");
    asked.length = 0;
    return send({
      port: rig.port("models"),
      path: "/v1/chat/completions",
      headers: { authorization: "Bearer k", "content-type": "application/json" },
      body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "hi" }] }),
    });
  }

  it("leads plain HTTP through HTTP_PROXY, with the proxy's own credentials", async () => {
    expect((await ask("http://plain.example/v1")).status).toBe(200);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain("POST http://plain.example:80/v1/chat/completions");
    expect(asked[0]).toContain(`"proxy-authorization":"Basic ${btoa("me:pass!")}"`);
    expect(plain.requests.at(-1)?.headers.authorization).toBe("Bearer sk-outside");
  });

  it("leads TLS through a tunnel of HTTPS_PROXY, in which the proxy reads neither key nor prompt", async () => {
    const reply = await ask("https://secure.example/v1", { authorities: certificate });
    expect(reply.json()).toMatchObject({ key: "Bearer sk-outside" });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain("CONNECT secure.example:443");
    expect(asked[0]).not.toContain("sk-outside");
  });

  it("passes by the proxy for the names of NO_PROXY, for loopback, and for the app's own services", async () => {
    expect((await ask(`http://direct.example:${plain.address.port}/v1`, { network: "private" })).status).toBe(200);
    expect(asked).toEqual([]);
    expect((await ask(`${plain.url}/v1`)).status).toBe(200);
    expect(asked).toEqual([]);
    expect((await askFor({ kind: "pool", id: "chat/0", pool: "own", model: "m" })).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it("is not asked of a proxy where the address is one that is never called", async () => {
    expect((await ask("http://169.254.169.254/v1")).status).toBe(502);
    expect(asked).toEqual([]);
  });

  it("trusts the certificates that the manifest brings, at this backend and as long as it brings them", async () => {
    const straight = `https://localhost:${portOf(secure)}/v1`;
    expect((await ask(straight)).status).toBe(502);
    expect((await ask(straight, { authorities: otherCertificate })).status).toBe(502);
    expect((await ask(straight, { authorities: `${otherCertificate}${certificate}` })).status).toBe(200);
    expect((await ask(straight)).status).toBe(502);
  });
});
