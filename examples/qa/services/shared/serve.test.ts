import { once } from "node:events";
import { Agent, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createMemoryLog, startService } from "../testing/start-service.ts";
import { readBody, readJsonObject } from "./read-body.ts";
import { ServiceError } from "./service-error.ts";
import type { RequestContext, Route, Service } from "./service.ts";

function serviceOf(routes: Route[], settle = (): Promise<void> => Promise.resolve()): Service {
  return { routes, isHealthy: () => true, settle, dispose: () => undefined };
}

function get(path: string, handle: Route["handle"]): Route {
  return { method: "GET", path, handle };
}

/** A handler that sends "begun" and ends when the test says so. */
function createHeldRoute(): { route: Route; started: Promise<void>; finish: () => void } {
  const started = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  const route = get("/held", async ({ response }) => {
    response.write("begun ");
    started.resolve();
    await finished.promise;
    response.end("done");
  });
  return { route, started: started.promise, finish: finished.resolve };
}

async function send(url: string, agent: Agent): Promise<{ incoming: IncomingMessage; text: string }> {
  const [incoming] = (await once(request(url, { agent }).end(), "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of incoming as AsyncIterable<Buffer>) text += chunk.toString();
  return { incoming, text };
}

function keptAgent(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

test("health is 200 while serving", async () => {
  const { url } = await startService(serviceOf([]));
  const response = await fetch(`${url}/health`);
  expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
});

test("unknown paths and wrong methods are told apart, both as JSON", async () => {
  const { url } = await startService(serviceOf([get("/things/:id", ({ response }) => void response.end("ok"))]));
  const unknown = await fetch(`${url}/thing/1`);
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: "QA_UNKNOWN_PATH" } }]);
  const wrong = await fetch(`${url}/things/1`, { method: "DELETE" });
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  expect((await fetch(`${url}/things/1`, { method: "HEAD" })).status).toBe(200);
});

test("an error that a handler throws is sent with its status and headers; a defect is a 500 and a log line", async () => {
  const { log, lines } = createMemoryLog();
  const routes = [
    get("/known", () => {
      throw new ServiceError(429, "QA_BUSY", "Later.", { "retry-after": "3" });
    }),
    get("/defect", () => {
      throw new TypeError("secret detail");
    }),
  ];
  const { url } = await startService(serviceOf(routes), log);
  const known = await fetch(`${url}/known`);
  expect([known.status, known.headers.get("retry-after")]).toEqual([429, "3"]);
  const defect = await fetch(`${url}/defect`);
  expect([defect.status, await defect.text()]).toEqual([500, expect.not.stringContaining("secret")]);
  expect(lines.find(({ event }) => event === "defect")?.["message"]).toContain("secret detail");
});

test("a drain lets a stream finish, accepts no new connection, then settles the service", async () => {
  const held = createHeldRoute();
  const order: string[] = [];
  const service = serviceOf([held.route], async () => void order.push("settled"));
  const server = await startService(service);
  const answer = send(`${server.url}/held`, keptAgent());
  await held.started;
  const drained = server.drain().then(() => order.push("drained"));
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  expect(order).toEqual([]);
  held.finish();
  expect((await answer).text).toBe("begun done");
  await drained;
  expect(order).toEqual(["settled", "drained"]);
});

test("during a drain a request on a kept connection is answered, and told to close", async () => {
  const held = createHeldRoute();
  const server = await startService(serviceOf([held.route, get("/", ({ response }) => void response.end("ok"))]));
  const agent = keptAgent();
  const first = await send(server.url, agent);
  expect(first.incoming.headers.connection).toBe("keep-alive");
  const other = send(`${server.url}/held`, keptAgent());
  await held.started;
  const drained = server.drain();
  const second = await send(server.url, agent);
  expect([second.text, second.incoming.headers.connection]).toEqual(["ok", "close"]);
  held.finish();
  await other;
  await drained;
});

test("a stream that outlasts the idle connections closes its own connection at its end", async () => {
  const held = createHeldRoute();
  const server = await startService(serviceOf([held.route]));
  const idle = connect(Number(new URL(server.url).port), "127.0.0.1");
  await once(idle, "connect");
  const answer = send(`${server.url}/held`, keptAgent());
  await held.started;
  const idleClosed = once(idle, "close");
  idle.resume();
  const drained = server.drain();
  await idleClosed;
  held.finish();
  expect((await answer).text).toBe("begun done");
  await drained;
});

test("a drain does not wait for a connection on which nothing was ever sent", async () => {
  const server = await startService(serviceOf([]));
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  await once(socket, "connect");
  await fetch(`${server.url}/health`);
  const closed = once(socket, "close");
  socket.resume();
  await server.drain();
  await closed;
});

test("a handler hears that its client has left", async () => {
  const left = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const route = get("/slow", ({ signal }: RequestContext) => {
    signal.addEventListener("abort", () => left.resolve());
    started.resolve();
  });
  const { url } = await startService(serviceOf([route]));
  const abandoned = new AbortController();
  const answer = fetch(`${url}/slow`, { signal: abandoned.signal }).catch(() => null);
  await started.promise;
  abandoned.abort();
  await left.promise;
  await answer;
});

test("a body above 64 KiB is refused with 413 after it was read", async () => {
  const route: Route = {
    method: "POST",
    path: "/",
    handle: async ({ request: incoming, response }) => void response.end(String((await readBody(incoming)).length)),
  };
  const { url } = await startService(serviceOf([route]));
  const post = (length: number): Promise<Response> => fetch(url, { method: "POST", body: "x".repeat(length) });
  expect(await (await post(65_536)).text()).toBe("65536");
  const refused = await post(65_537);
  expect([refused.status, await refused.json()]).toMatchObject([413, { error: { code: "QA_BODY_TOO_LARGE" } }]);
  expect((await post(900_000)).status).toBe(413);
});

test("a compressed body is refused instead of read as text", async () => {
  const route: Route = {
    method: "POST",
    path: "/",
    handle: async ({ request: incoming, response }) =>
      void response.end(JSON.stringify(await readJsonObject(incoming))),
  };
  const { url } = await startService(serviceOf([route]));
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  expect((await fetch(url, { method: "POST", headers, body: "x" })).status).toBe(415);
});
