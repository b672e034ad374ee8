// TLS, egress proxies and the guard against private addresses, on real sockets.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { connect, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@flyball/core";
import { createFakeClock, createFakeUpstream } from "@flyball/fakes";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readProxySettings, type EgressProxy } from "./choose-proxy.ts";
import { createHttp1Upstream, type Http1UpstreamOptions } from "./http1-upstream.ts";
import { answerAlways, startRawServer, type RawServer } from "./testdata/raw-server.ts";
import { record } from "./testdata/recorded-call.ts";
import type { Upstream } from "./upstream.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 });

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const clients: Upstream[] = [];
let open = 0;

function client(options: Partial<Http1UpstreamOptions> & { origin: string }): Upstream {
  const upstream = createHttp1Upstream({
    connectMs: 2_000,
    clock: systemClock,
    onOpenConnections: (change) => void (open += change),
    ...options,
  });
  clients.push(upstream);
  return upstream;
}
afterEach(async () => {
  for (const upstream of clients.splice(0)) upstream.close();
  await expect.poll(() => open).toBe(0);
});

/** A proxy that opens tunnels to 127.0.0.1 on the asked port, whatever the asked host. `answer` replaces its usual answer. */
async function startProxy(answer?: string): Promise<RawServer & { readonly proxy: EgressProxy }> {
  const joined = new WeakSet<Socket>();
  const server = await startRawServer((socket, text) => {
    if (joined.has(socket) || !text.includes("\r\n\r\n")) return;
    joined.add(socket);
    if (answer !== undefined) return void socket.write(answer);
    const port = Number(/^CONNECT [^ ]+:(\d+) /.exec(text)?.[1]);
    socket.removeAllListeners("data");
    const target = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\nProxy-Agent: test\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    target.on("error", () => socket.destroy());
    socket.on("close", () => target.destroy());
    target.on("close", () => socket.destroy());
  });
  const proxy: EgressProxy = {
    host: "127.0.0.1",
    port: server.port,
    isTls: false,
    authorization: "Basic bWU6c2VjcmV0",
    problem: undefined,
  };
  return Object.assign(server, { proxy });
}

describe("plain HTTP through a proxy", () => {
  it("asks for absolute targets and shows its credentials", async () => {
    await using proxy = await startRawServer(answerAlways(OK));
    const upstream = client({
      origin: "http://a.example",
      proxy: { host: "127.0.0.1", port: proxy.port, isTls: false, authorization: "Basic eA==", problem: undefined },
    });
    for (let count = 0; count < 3; count += 1)
      expect((await record(upstream, { path: "/x?y" }).done).body.toString()).toBe("ok");
    expect(proxy.sockets).toHaveLength(1);
    expect(proxy.received[0]).toMatch(
      /^GET http:\/\/a\.example:80\/x\?y HTTP\/1\.1\r\nhost: x\r\nproxy-authorization: Basic eA==\r\n/,
    );
  });
});

it("sends nothing through a proxy that cannot be used, and nothing around it", async () => {
  await using fake = await createFakeUpstream();
  const { http } = readProxySettings({ HTTP_PROXY: "socks5://p:1" });
  const { failure } = await record(client({ origin: fake.url, proxy: http })).done;
  expect(failure).toMatchObject({ code: "FB_UPSTREAM_PROXY_UNUSABLE", wasSent: false });
  expect(fake.counts.connections).toBe(0);
});

describe("what keeps addresses in", () => {
  it.each([
    "http://127.0.0.1:PORT",
    "http://localhost:PORT",
    "http://[::1]:PORT",
    "http://2130706433:PORT",
    "http://0x7f.1:PORT",
    "http://[::ffff:127.0.0.1]:PORT",
  ])("nothing is sent to %s", async (url) => {
    await using fake = await createFakeUpstream();
    const upstream = client({ origin: url.replace("PORT", String(fake.address.port)), addresses: "public" });
    const { failure } = await record(upstream).done;
    expect(failure).toMatchObject({ code: "FB_UPSTREAM_REFUSED_ADDRESS", wasSent: false });
    expect(fake.counts.connections).toBe(0);
  });

  it("nothing is sent to a name that leads inside, and a name is resolved once", async () => {
    await using fake = await createFakeUpstream();
    const asked: string[] = [];
    const upstream = client({
      origin: `http://inside.example:${fake.address.port}`,
      addresses: "public",
      resolveAll(host, _options, callback) {
        asked.push(host);
        callback(null, [{ address: "127.0.0.1", family: 4 }]);
      },
    });
    expect((await record(upstream).done).failure).toMatchObject({
      code: "FB_UPSTREAM_REFUSED_ADDRESS",
      wasSent: false,
    });
    expect([asked, fake.counts.connections]).toEqual([["inside.example"], 0]);
  });

  it.each(["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "2852039166"])(
    "nothing is sent to %s even where private addresses are allowed",
    async (host) => {
      const { failure } = await record(client({ origin: `http://${host}:9`, addresses: "private" })).done;
      expect(failure).toMatchObject({ code: "FB_UPSTREAM_REFUSED_ADDRESS", wasSent: false });
    },
  );

  it("reaches a name that leads inside where private addresses are allowed, by the address that was checked", async () => {
    await using fake = await createFakeUpstream();
    const answers = ["127.0.0.1", "169.254.169.254"];
    const upstream = client({
      origin: `http://inside.example:${fake.address.port}`,
      addresses: "private",
      // A second look-up would lead elsewhere.
      resolveAll: (_host, _options, callback) => callback(null, [{ address: answers.shift() ?? "", family: 4 }]),
    });
    expect((await record(upstream).done).head?.status).toBe(200);
    expect([fake.counts.connections, answers.length]).toEqual([1, 1]);
  });

  it("lets the machine's own services through where nobody asked to guard", async () => {
    await using fake = await createFakeUpstream();
    expect((await record(client({ origin: fake.url })).done).head?.status).toBe(200);
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasOpenssl())("TLS", () => {
  const directory = mkdtempSync(join(tmpdir(), "fb-egress-"));
  let server: NetServer;
  let port = 0;
  let ca = "";
  const accepted: TLSSocket[] = [];
  const reused: boolean[] = [];

  beforeAll(async () => {
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:a.example"];
    const made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", ...made, ...names], { stdio: "ignore" });
    ca = readFileSync(cert, "utf8");
    server = createTlsServer({ key: readFileSync(key), cert: ca, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
      accepted.push(socket);
      reused.push(socket.isSessionReused());
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        if (bytes.toString().startsWith("GET /close"))
          socket.end(OK.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
        else socket.write(OK);
      });
    });
    server.on("tlsClientError", () => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
    rmSync(directory, { recursive: true });
  });

  it("speaks HTTP/1.1 only, to a name that it checked, and keeps the connection", async () => {
    const upstream = client({ origin: `https://localhost:${port}`, ca: [ca] });
    const before = accepted.length;
    for (let count = 0; count < 3; count += 1) {
      const call = await record(upstream).done;
      expect([call.failure, call.body.toString()]).toEqual([undefined, "ok"]);
    }
    expect(accepted.length - before).toBe(1);
    expect(accepted.at(-1)).toMatchObject({ alpnProtocol: "http/1.1", servername: "localhost" });
  });

  it("takes a session up again on the next connection", async () => {
    const upstream = client({ origin: `https://localhost:${port}`, ca: [ca] });
    await record(upstream, { path: "/close" }).done;
    await record(upstream, { path: "/close" }).done;
    expect(reused.slice(-2)).toEqual([false, true]);
  });

  it.each([
    ["an unknown authority", "localhost", false, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["another name", "127.0.0.1", true, "ERR_TLS_CERT_ALTNAME_INVALID"],
  ])("sends nothing to a server with a certificate of %s", async (_name, host, knows, code) => {
    const upstream = client({ origin: `https://${host}:${port}`, ...(knows ? { ca: [ca] } : {}) });
    expect((await record(upstream).done).failure).toMatchObject({ code, wasSent: false });
  });

  it("gives a server up that accepts and says nothing, at the limit", async () => {
    await using mute = await startRawServer(() => undefined);
    const clock = createFakeClock();
    const upstream = client({ origin: `https://localhost:${mute.port}`, clock, connectMs: 500 });
    const call = record(upstream);
    await expect.poll(() => mute.received[0] !== undefined && mute.received[0] !== "").toBe(true);
    await clock.advance(500);
    expect((await call.done).failure).toMatchObject({ code: "ETIMEDOUT", wasSent: false });
    await expect.poll(() => mute.open).toBe(0);
  });

  describe("through a tunnel", () => {
    it("reaches the origin, checks the origin's name and keeps the tunnel", async () => {
      await using proxy = await startProxy();
      const upstream = client({ origin: `https://a.example:${port}`, ca: [ca], proxy: proxy.proxy });
      for (let count = 0; count < 3; count += 1) {
        const call = await record(upstream, { method: "POST", body: Buffer.alloc(4_000) }).done;
        expect([call.failure, call.body.toString()]).toEqual([undefined, "ok"]);
      }
      expect(accepted.at(-1)?.servername).toBe("a.example");
      expect(proxy.sockets).toHaveLength(1);
      expect(proxy.received[0]).toBe(
        `CONNECT a.example:${port} HTTP/1.1\r\nhost: a.example:${port}\r\nproxy-authorization: Basic bWU6c2VjcmV0\r\n\r\n`,
      );
      const wrong = client({ origin: `https://b.example:${port}`, ca: [ca], proxy: proxy.proxy });
      expect((await record(wrong).done).failure).toMatchObject({
        code: "ERR_TLS_CERT_ALTNAME_INVALID",
        wasSent: false,
      });
    });

    it.each([
      [
        "refuses",
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        "FB_UPSTREAM_PROXY_REFUSED",
      ],
      ["sends bytes before their time", "HTTP/1.1 200 OK\r\n\r\nsurprise", "FB_UPSTREAM_PROXY_REFUSED"],
      ["speaks nonsense", "SSH-2.0-x\r\n", "FB_UPSTREAM_STATUS_LINE"],
    ])("fails without having sent anything when the proxy %s", async (_name, answer, code) => {
      await using proxy = await startProxy(answer);
      const upstream = client({ origin: `https://a.example:${port}`, ca: [ca], proxy: proxy.proxy });
      const { failure } = await record(upstream).done;
      expect(failure).toMatchObject({ code, wasSent: false });
      expect(failure?.message).not.toContain("bWU6");
      await expect.poll(() => proxy.open).toBe(0);
    });

    it("is given up at once by cancel, in each of its steps", async () => {
      for (const answer of ["", "HTTP/1.1 200 OK\r\n\r\n"]) {
        await using proxy = await startProxy(answer);
        const call = record(client({ origin: `https://a.example:${port}`, ca: [ca], proxy: proxy.proxy }));
        await expect.poll(() => proxy.received[0]?.length ?? 0).toBeGreaterThan(answer === "" ? 40 : 200);
        call.call.cancel();
        await expect.poll(() => proxy.open).toBe(0);
        expect(call.events).toEqual([]);
      }
    });

    it("is refused like any connection when the proxy is not there", async () => {
      const proxy = await startProxy();
      await proxy.close();
      const upstream = client({ origin: `https://a.example:${port}`, ca: [ca], proxy: proxy.proxy });
      expect((await record(upstream).done).failure).toMatchObject({ code: "ECONNREFUSED", wasSent: false });
    });
  });
});
