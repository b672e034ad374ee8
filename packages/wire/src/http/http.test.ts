import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStream, type HttpRequest } from "./open-stream.ts";
import { requestJson } from "./request-json.ts";

let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fb-http-"));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function serve(handler: RequestListener, isTcp = false): Promise<HttpRequest["target"]> {
  server = createServer(handler);
  const socketPath = join(folder, "h.sock");
  await once(isTcp ? server.listen(0, "127.0.0.1") : server.listen(socketPath), "listening");
  return isTcp ? { host: "127.0.0.1", port: (server.address() as AddressInfo).port } : { socketPath };
}

async function echo(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of incoming) body += String(chunk);
  response.statusCode = 418;
  response.end(JSON.stringify({ method: incoming.method, url: incoming.url, headers: incoming.headers, body }));
}

describe("requestJson", () => {
  it.each([false, true])("asks and answers in JSON, whatever the status (TCP: %s)", async (isTcp) => {
    const target = await serve((incoming, response) => void echo(incoming, response), isTcp);
    const answer = await requestJson({
      target,
      method: "POST",
      path: "/v1/x?y=1",
      body: { a: "一" },
      headers: { "x-a": "b" },
    });
    expect(answer.status).toBe(418);
    expect(answer.body).toMatchObject({
      method: "POST",
      url: "/v1/x?y=1",
      body: '{"a":"一"}',
      headers: { "x-a": "b", "content-type": "application/json", "content-length": "11" },
    });
  });

  it("leaves a body that is not JSON as text", async () => {
    const target = await serve((_incoming, response) => response.end("plain"));
    expect(await requestJson({ target, method: "GET", path: "/" })).toMatchObject({
      status: 200,
      body: undefined,
      text: "plain",
    });
  });

  it("ends with ETIMEDOUT when the head or the rest does not come", async () => {
    const silent = await serve(() => {});
    await expect(requestJson({ target: silent, method: "GET", path: "/", timeoutMs: 20 })).rejects.toMatchObject({
      code: "ETIMEDOUT",
    });
    server?.close();
    const endless = await serve((_incoming, response) => response.write("{"), true);
    await expect(requestJson({ target: endless, method: "GET", path: "/", timeoutMs: 50 })).rejects.toMatchObject({
      code: "ETIMEDOUT",
    });
  });

  it("rejects with the system's error when nobody listens, and with the signal's reason", async () => {
    const target = { socketPath: join(folder, "none.sock") };
    await expect(requestJson({ target, method: "GET", path: "/" })).rejects.toMatchObject({ code: "ENOENT" });
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(requestJson({ target, method: "GET", path: "/", signal })).rejects.toThrow("enough");
  });

  it("rejects when the connection breaks within the answer", async () => {
    const target = await serve((_incoming, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{", () => response.destroy());
    });
    await expect(requestJson({ target, method: "GET", path: "/" })).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

describe("openStream", () => {
  it("gives the head at once and the body as it comes", async () => {
    let push: (text: string) => void = () => {};
    const target = await serve((_incoming, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      push = (text) => response.write(text);
      push("first");
    });
    const stream = await openStream({ target, method: "GET", path: "/" });
    expect(stream).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream" } });
    expect(String((await once(stream.body, "data"))[0])).toBe("first");
    push("second");
    expect(String((await once(stream.body, "data"))[0])).toBe("second");
    stream.close();
    await new Promise<void>((resolve) => void stream.body.once("close", resolve));
  });

  it("is not ended by the time-out once the head is there, but by its signal", async () => {
    const target = await serve((_incoming, response) => response.writeHead(200).flushHeaders());
    const controller = new AbortController();
    const stream = await openStream({ target, method: "GET", path: "/", timeoutMs: 200, signal: controller.signal });
    const failed = once(stream.body, "error");
    stream.body.resume();
    controller.abort(new Error("enough"));
    expect((await failed)[0]).toMatchObject({ message: "enough" });
  });
});
