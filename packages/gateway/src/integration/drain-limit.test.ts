// A gateway that stops does not wait for ever. What still runs at the limit of its drain ends so that no client takes it for whole, and
// is booked as cut by the gateway, not as given up by its client.
import type { IncomingMessage } from "node:http";
import type { ClientHttp2Session } from "node:http2";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LedgerRecord } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream, type StreamTrouble } from "@flyball/fakes";
import { openSession, readStream, type Http2Reply } from "../listen/testdata/http2-client.ts";
import { createCertificateFolder, hasOpenssl } from "../listen/testdata/make-certificate.ts";
import { createRig, type GatewayProcess, type Rig } from "../testdata/gateway-process.ts";
import { settledRecords } from "../testdata/settled-records.ts";
import { endpoint, key, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { open, send } from "../testdata/test-client.ts";
import { startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";
import { CLIENT_KEY, PAIRS, type DialectPair } from "./reference/testdata/client-faces.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SAID = " 0 1 2";
const DRAIN_MS = 300;
const MODELS = ["openai-compatible", "openai", "anthropic"] as const;
let rig: Rig;
let gateway: GatewayProcess;
let engine: FakeUpstream;
let web: TestUpstream;

/** A gateway before an engine that says three words and then nothing, or nothing at all. */
async function begin(atPiece: number, tls?: { readonly certificateFile: string; readonly keyFile: string }) {
  const pieces = Array.from({ length: 60 }, (_, index) => ` ${index}`);
  const trouble: StreamTrouble = { kind: "stall", atPiece };
  engine = await createFakeUpstream({
    behaviour: { model: { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces }], trouble } },
  });
  web = await startUpstream();
  rig = await createRig({ listeners: ["models", "public"], secrets: { "@keys": "secret" }, drainMs: DRAIN_MS });
  const all = MODELS.map((traits) =>
    model(traits, [], {
      backends: [{ kind: "pool", id: `${traits}/engine`, pool: "engine", model: "fake-model", traits }],
    }),
  );
  rig.send(
    snapshot(1, {
      listeners: [{ id: "models", kind: "models", host: "127.0.0.1", port: 0, ...(tls ? { tls } : {}) }, "public"],
      pools: [
        pool("engine", [endpoint("engine/0@1", engine.address.port, { capacity: 64 })]),
        pool("web", [endpoint("web/0@1", web.port)]),
      ],
      routes: [route("all", "web")],
      models: all,
      keys: [key(CLIENT_KEY, "secret", MODELS)],
    }),
  );
  gateway = rig.start();
  await gateway.ready;
}

afterEach(async () => {
  await rig.dispose();
  await Promise.all([engine.dispose(), web.kill()]);
});

/** Ends the gateway at its limit; the records of the calls that ran. */
async function stop(): Promise<readonly LedgerRecord[]> {
  gateway.child.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
  return settledRecords(rig.journalFolder);
}

const bodyOf = ({ face, backend }: DialectPair): string => JSON.stringify(face.body(backend, true));

function ask(pair: DialectPair): Promise<{ readonly status: number; readonly text: string }> {
  const { path, headers } = pair.face;
  return send({ port: rig.port("models"), path, method: "POST", headers, body: bodyOf(pair) });
}

/** A call whose body does not come to its end; resolves when the gateway waits for the rest. */
async function sendHalf({ face }: DialectPair): Promise<{ readonly answered: Promise<string> }> {
  const socket = connect(rig.port("models"), "127.0.0.1");
  let text = "";
  const answered = new Promise<string>((resolve) => void socket.once("close", () => resolve(text)));
  socket.on("error", () => undefined);
  const waits = new Promise<void>((resolve) => {
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      if (text.startsWith("HTTP/1.1 100")) resolve();
    });
  });
  const headers = Object.entries(face.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${face.path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n`);
  socket.write(`${headers.join("")}\r\n{`);
  await waits;
  return { answered };
}

/** What the client of a stream that ended in order can see. */
function expectInBandEnd({ face }: DialectPair, reply: { readonly status: number; readonly text: string }): void {
  expect([reply.status, face.said(reply.text), face.isWhole(reply.text)]).toEqual([200, SAID, false]);
  expect(face.inBandError(reply.text)?.message).toContain("gateway stopped");
}

const outcomes = (records: readonly LedgerRecord[]): readonly string[] => [
  ...new Set(records.map(({ outcome }) => outcome)),
];

describe("at the limit of a drain", () => {
  it("streams of every dialect end in its own error, without a terminal event, and are booked as cut", async () => {
    await begin(3);
    const replies = PAIRS.map(ask);
    await rig.waitUntil(() => engine.counts.requests === PAIRS.length, "all calls at the engine");
    const records = await stop();
    for (const [index, pair] of PAIRS.entries()) expectInBandEnd(pair, await (replies[index] as (typeof replies)[0]));
    expect(records).toHaveLength(PAIRS.length);
    expect(outcomes(records)).toEqual(["cut"]);
    expect(records.every(({ usage }) => usage.output > 0)).toBe(true);
  });

  it("calls without a first byte get a 503 in the words of their API, also while their body is read", async () => {
    await begin(0);
    const replies = PAIRS.map(ask);
    await rig.waitUntil(() => engine.counts.requests === PAIRS.length, "all calls at the engine");
    const half = await sendHalf(PAIRS[0] as DialectPair);
    const records = await stop();
    for (const reply of await Promise.all(replies)) {
      // Anthropic has a status of its own for a server that takes no more.
      expect([503, 529]).toContain(reply.status);
      expect(JSON.parse(reply.text).error.message).toContain("gateway stopped");
    }
    expect(await half.answered).toMatch(/HTTP\/1\.1 503 [^]*FB_GATEWAY_STOPPING/);
    expect(outcomes(records)).toEqual(["failed"]);
  });

  it("a plain request without an answer gets a 503, and one that is being answered is broken off", async () => {
    await begin(0);
    web.answer = (request, response) => void (request.url === "/begun" && response.write("a"));
    const silent = send({ port: rig.port("public"), path: "/silent" });
    const begun = send({ port: rig.port("public"), path: "/begun" });
    const broken = expect(begun).rejects.toThrow();
    await rig.waitUntil(() => web.received.length === 2, "both requests");
    await stop();
    const reply = await silent;
    expect([reply.status, reply.json().error.code]).toEqual([503, "FB_GATEWAY_STOPPING"]);
    expect(reply.headers["retry-after"]).toBeDefined();
    await broken;
  });

  it("a client that takes nothing of its stream holds nobody up, and is no client that left", async () => {
    await begin(3);
    const request = open({
      port: rig.port("models"),
      path: PAIRS[0]?.face.path ?? "",
      headers: PAIRS[0]?.face.headers ?? {},
      method: "POST",
    });
    const started = new Promise<IncomingMessage>((resolve) => request.once("response", resolve));
    request.end(bodyOf(PAIRS[0] as DialectPair));
    (await started).pause();
    expect(outcomes(await stop())).toEqual(["cut"]);
    request.destroy();
  });

  it.skipIf(!hasOpenssl())("streams of HTTP/2 end in the same way, each whole as a stream", async () => {
    const folder = createCertificateFolder();
    await begin(3, folder.make("a"));
    const session: ClientHttp2Session = await openSession(rig.port("models"));
    const replies = PAIRS.map((pair): Promise<Http2Reply> => {
      const stream = session.request({ ":method": "POST", ":path": pair.face.path, ...pair.face.headers });
      stream.end(bodyOf(pair));
      return readStream(stream);
    });
    await rig.waitUntil(() => engine.counts.requests === PAIRS.length, "all calls at the engine");
    const records = await stop();
    for (const [index, pair] of PAIRS.entries()) {
      const reply = await (replies[index] as Promise<Http2Reply>);
      expectInBandEnd(pair, reply);
      expect(reply.rstCode).toBe(0);
    }
    expect(outcomes(records)).toEqual(["cut"]);
    session.destroy();
    folder.dispose();
  });
});
