import type { LedgerRecord } from "@flyball/core";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ADMIN_LISTENER } from "../desired/listeners-of.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { routeRequest } from "./router.ts";

let rig: ControlRig;
let gateway: Server;
let pages: Readonly<Record<string, unknown>>;
const asked: string[] = [];

beforeEach(async () => {
  rig = await createControlRig();
  asked.length = 0;
  pages = {};
  gateway = createServer((request, response) => {
    asked.push(request.url ?? "");
    const page = pages[request.url ?? ""];
    response.writeHead(page === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(page ?? { error: {} }));
  });
  gateway.listen(0, "127.0.0.1");
  await once(gateway, "listening");
  const { port } = gateway.address() as AddressInfo;
  rig.control.context.state.bound.set(ADMIN_LISTENER, { host: "127.0.0.1", port });
});

afterEach(async () => {
  gateway.close();
  await rig.dispose();
});

/** What the ledger has, newest first. */
function withCalls(...calls: readonly Partial<LedgerRecord>[]): void {
  const find = (requestId: string) => calls.filter((call) => call.requestId === requestId);
  Object.assign(rig.control.context, { ledger: { usage: () => [], spending: () => [], find } });
}

function get(path: string): Promise<unknown> {
  const request = { method: "GET", path, query: new URLSearchParams(), body: undefined, actor: "ana" };
  return routeRequest(rig.control.context, request, () => undefined);
}

it("passes on what the gateway has learned", async () => {
  pages = { "/predictions": { models: [], endpoints: [], engines: { answering: 0, asked: 0 } } };
  expect(await get("/v1/predictions")).toEqual(pages["/predictions"]);
});

it("joins what the gateway remembers of a request with what the ledger has of it", async () => {
  const scheduling = { requestId: "a/b?c", state: "ended" };
  pages = { "/explain/a%2Fb%3Fc": scheduling };
  const call = { requestId: "a/b?c", outcome: "answered" } as const;
  withCalls(call, { requestId: "other" });
  expect(await get("/v1/calls/a%2Fb%3Fc")).toEqual({ requestId: "a/b?c", scheduling, calls: [call] });
});

it("shows either of them alone", async () => {
  pages = { "/explain/running": { requestId: "running" } };
  withCalls({ requestId: "old" });
  expect(await get("/v1/calls/running")).toMatchObject({ scheduling: { requestId: "running" }, calls: [] });
  expect(await get("/v1/calls/old")).toMatchObject({ scheduling: null, calls: [{ requestId: "old" }] });
});

it("refuses an id that nobody knows, and one that is no id", async () => {
  withCalls();
  await expect(get("/v1/calls/unknown")).rejects.toMatchObject({ code: "FB_CONTROL_CALL_UNKNOWN" });
  await expect(get("/v1/calls/%zz")).rejects.toMatchObject({ code: "FB_CONTROL_BAD_REQUEST" });
  expect(await get("/v1/calls")).toBeUndefined();
});

it("shows what the ledger has while the gateway is away, and else says that it is", async () => {
  rig.control.context.state.bound.delete(ADMIN_LISTENER);
  withCalls({ requestId: "old" });
  expect(await get("/v1/calls/old")).toMatchObject({ scheduling: null, calls: [{ requestId: "old" }] });
  for (const path of ["/v1/calls/unknown", "/v1/predictions"]) {
    await expect(get(path)).rejects.toMatchObject({ code: "FB_CONTROL_GATEWAY_AWAY" });
  }
  expect(asked).toEqual([]);
});

it("says so when the gateway is older than the question, or answers with what is no JSON", async () => {
  await expect(get("/v1/predictions")).rejects.toMatchObject({ code: "FB_CONTROL_GATEWAY_AWAY" });
  gateway.removeAllListeners("request");
  gateway.on("request", (_, response) => response.end("<html>"));
  await expect(get("/v1/predictions")).rejects.toMatchObject({ code: "FB_CONTROL_GATEWAY_AWAY" });
});
