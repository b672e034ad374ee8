// Real requests to servers on loopback: what arrives, what is refused, and that no secret comes back.
import { systemClock, type ChannelSpec } from "@flyball/core";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { DeliveryOutcome } from "./channel.ts";
import { deliverNotice, type Outlet } from "./deliver-notice.ts";
import type { NoticeMessage } from "./notice-message.ts";
import { makeCertificate } from "./testdata/test-certificate.ts";

const MESSAGE: NoticeMessage = {
  id: "ntc_1",
  at: 1_000,
  app: "rag",
  channel: "ops",
  kind: "test",
  title: "[TEST] rag: it works",
  sections: [],
  omitted: 0,
};
const SECRETS = { hook: "key-of-the-hook", path: "T0/B0/very-secret" };
const certificate = makeCertificate();
const servers: Server[] = [];

interface Seen {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A server that keeps what it got and answers. */
async function receiver(
  answer: RequestListener,
  create: (listener: RequestListener) => Server = createServer,
): Promise<{ readonly port: number; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = create((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      seen.push({ url: request.url, headers: request.headers, body });
      answer(request, response);
    });
  });
  return { port: await listen(server), seen };
}

function deliver(spec: ChannelSpec, outlet: Partial<Outlet> = {}): Promise<DeliveryOutcome> {
  return deliverNotice(MESSAGE, spec, {
    clock: systemClock,
    environment: {},
    readSecrets: async (names) => Object.fromEntries(Object.entries(SECRETS).filter(([name]) => names.includes(name))),
    signal: new AbortController().signal,
    ...outlet,
  });
}

describe("28: a webhook", () => {
  it("arrives with its id and a signature over id, time and the very bytes of the body", async () => {
    const { port, seen } = await receiver((_, response) => response.end("thanks"));
    const spec: ChannelSpec = { type: "webhook", url: `http://127.0.0.1:${port}/hook`, secret: "${secrets.hook}" };
    expect(await deliver(spec)).toEqual({ kind: "delivered", answer: "200 thanks" });
    const { headers, body } = seen[0] as Seen;
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    const expected = createHmac("sha256", SECRETS.hook).update(signed).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1_000)).toBeLessThan(60);
    expect(JSON.parse(body)).toMatchObject({ version: "4", receiver: "ops" });
  });

  it("follows no redirect", async () => {
    const inside = await receiver((_, response) => response.end());
    const outside = await receiver((_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${inside.port}/metadata` }).end(),
    );
    const spec: ChannelSpec = { type: "webhook", url: `http://127.0.0.1:${outside.port}/` };
    expect(await deliver(spec)).toEqual({ kind: "refused", answer: "307" });
    expect(inside.seen).toEqual([]);
  });

  it("that the other side cannot take now is for later", async () => {
    const { port } = await receiver((_, response) => response.writeHead(503, { "retry-after": "7" }).end("busy"));
    const outcome = await deliver({ type: "webhook", url: `http://127.0.0.1:${port}/` });
    expect(outcome).toEqual({ kind: "failed", reason: "503 busy", retryAfterMs: 7_000 });
  });

  it("that nobody takes says why, without an end of words", async () => {
    const { port } = await receiver((request) => request.socket.destroy());
    expect(await deliver({ type: "webhook", url: `http://127.0.0.1:${port}/` })).toEqual({
      kind: "failed",
      reason: "socket hang up",
    });
    const endless = await receiver((_, response) => void response.end("x".repeat(1_000_000)));
    const outcome = await deliver({ type: "webhook", url: `http://127.0.0.1:${endless.port}/` });
    expect(JSON.stringify(outcome).length).toBeLessThan(300);
  });
});

describe("secrets", () => {
  it("are filled into the address, and hidden in what the other side echoes", async () => {
    const { port, seen } = await receiver((request, response) => response.writeHead(404).end(`no ${request.url}`));
    const spec: ChannelSpec = { type: "slack", url: `http://127.0.0.1:${port}/services/\${secrets.path}` };
    expect(await deliver(spec)).toEqual({ kind: "refused", answer: "404 no /services/(hidden)" });
    expect(seen[0]?.url).toBe(`/services/${SECRETS.path}`);
  });

  it("that the keeper does not have are a failure with its words", async () => {
    const readSecrets = async (): Promise<never> => Promise.reject(new Error("the keeper has no secret x"));
    const spec: ChannelSpec = { type: "slack", url: "${secrets.x}" };
    expect(await deliver(spec, { readSecrets })).toEqual({ kind: "failed", reason: "the keeper has no secret x" });
  });
});

describe("28: addresses", () => {
  const pointing = (address: string): Partial<Outlet> => ({
    resolveAll: (_host, _options, callback) => callback(null, [{ address, family: 4 }]),
  });

  it("that are private are refused unless the manifest names them or says so", async () => {
    const { port, seen } = await receiver((_, response) => response.end());
    const url = `http://hooks.example:${port}/`;
    const open: ChannelSpec = { type: "webhook", url: `https://hooks.example:${port}/` };
    expect(await deliver(open, pointing("127.0.0.1"))).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("resolves to 127.0.0.1, which is a private address"),
    });
    expect(seen).toEqual([]);
    const said: ChannelSpec = { type: "webhook", url, network: "private" };
    expect(await deliver(said, pointing("127.0.0.1"))).toMatchObject({ kind: "delivered" });
  });

  it("that come out of a secret name nothing: private ones need network: private there too", async () => {
    const { port, seen } = await receiver((_, response) => response.end());
    const readSecrets = async (): Promise<Record<string, string>> => ({ url: `http://127.0.0.1:${port}/` });
    const spec: ChannelSpec = { type: "webhook", url: "${secrets.url}" };
    expect(await deliver(spec, { readSecrets })).toMatchObject({
      kind: "refused",
      answer: expect.stringContaining("http"),
    });
    expect(seen).toEqual([]);
    expect(await deliver({ ...spec, network: "private" }, { readSecrets })).toMatchObject({ kind: "delivered" });
  });

  it("of the metadata service are never called", async () => {
    const spec: ChannelSpec = { type: "webhook", url: "http://hooks.example/", network: "private" };
    expect(await deliver(spec, pointing("169.254.169.254"))).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("metadata"),
    });
    expect(await deliver({ ...spec, url: "http://169.254.169.254/" })).toMatchObject({ kind: "failed" });
    const mail: ChannelSpec = {
      type: "smtp",
      host: "mail.example",
      port: 25,
      tls: "none",
      from: "a@example.com",
      to: ["b@example.com"],
    };
    expect(await deliver({ ...mail, network: "private" }, pointing("169.254.169.254"))).toMatchObject({
      reason: expect.stringContaining("metadata"),
    });
    expect(await deliver(mail, pointing("10.0.0.1"))).toMatchObject({ reason: expect.stringContaining("private") });
  });
});

describe.skipIf(certificate === undefined)("under TLS", () => {
  const { key = "", cert = "" } = certificate ?? {};

  it("a certificate of the manifest's own authority is taken, another is not", async () => {
    const { port } = await receiver(
      (_, response) => response.end("ok"),
      (listener) => createTlsServer({ key, cert }, listener),
    );
    const spec: ChannelSpec = { type: "webhook", url: `https://localhost:${port}/` };
    expect(await deliver(spec)).toMatchObject({ kind: "failed", reason: expect.stringMatching(/self.signed/) });
    expect(await deliver({ ...spec, authorities: cert })).toEqual({ kind: "delivered", answer: "200 ok" });
  });

  it("a proxy of the environment is used for addresses outside, and its own address may be private", async () => {
    const { port, seen } = await receiver(
      (_, response) => response.end("ok"),
      (listener) => createTlsServer({ key, cert }, listener),
    );
    const asked: (string | undefined)[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url);
      const onward = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
    });
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` };
    const spec: ChannelSpec = { type: "webhook", url: "https://localhost.example/hook", authorities: cert };
    const outcome = await deliver(spec, { environment });
    expect(asked).toEqual(["localhost.example:443"]);
    // The certificate is not that host's: the name is checked behind the proxy too.
    expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringContaining("localhost.example") });
    expect(seen).toEqual([]);
  });
});
