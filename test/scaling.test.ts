// The number of instances follows the load on real processes, and what does not fit on the machine waits for room.
import { afterEach, describe, expect, it } from "vitest";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { followAppEvents } from "./support/app-events.ts";
import { openGatewayPages } from "./support/gateway-pages.ts";
import { startOpenLoop } from "./support/open-loop.ts";
import { countReplies, sendRequest, type Reply } from "./support/send-request.ts";
import { serviceFiles } from "./support/service-files.ts";

const TAKES_MS = 300;
/** 15 × 0.3 s keep 4.5 places busy; at 0.75 of two places each that is the work of three instances. */
const BUSY_PER_SECOND = 15;
const QUIET_PER_SECOND = 2;

const SCALED = `apiVersion: flyball/v1
name: scaling
services:
  api:
    command: [node, slow.mjs]
    healthcheck: { http: /health }
    environment: { TAKES_MS: "${TAKES_MS}" }
    concurrency: 2
    scale: { min: 1, max: 3, target: 0.75, window: 2s, down_after: 4s }
`;

/** Six slots of 1.2 s each; 9 calls a second fill 10.8. Taken for 16, as where nothing is known, one instance would do. */
const CALLS_PER_SECOND = 9;

const MODEL = `apiVersion: flyball/v1
name: scaled-model
services:
  llm:
    serve:
      engine: simulated
      model: simulated
      args: [--step-ms, "20", --per-sequence-ms, "0", --concurrency, "6", --output-tokens, "60"]
    max_wait: 20s
    scale: { min: 1, max: 3, target: 0.75, window: 2s, down_after: 60s }
models:
  chat: { backends: [{ service: llm }] }
gateway: { workers: 1, listeners: { public: { port: 18656 } } }
routes:
  - { name: api, path: /v1, models: [chat] }
`;

const CROWDED = `apiVersion: flyball/v1
name: crowded
services:
  first:
    command: [node, slow.mjs]
    healthcheck: { http: /health }
    environment: { TAKES_MS: "0" }
    resources: { reservations: { cpus: 1.5 }, priority: high }
  second:
    command: [node, slow.mjs]
    healthcheck: { http: /health }
    environment: { TAKES_MS: "0" }
    resources: { reservations: { cpus: 1 } }
`;

let rig: AppRig;
afterEach(() => rig.dispose());

const readyCount = async (service: string): Promise<number> =>
  (await rig.instances(service)).filter(({ state }) => state === "ready").length;

describe("a slow service under load", () => {
  it("goes from one instance to three and back, and no request fails", async () => {
    rig = await createAppRig({ manifest: SCALED, files: serviceFiles("slow.mjs") });
    await rig.up();
    const events = followAppEvents(rig.client());
    const url = await rig.url("api");
    const send = (): Promise<Reply> => sendRequest({ url, method: "POST", body: "now", limitMs: 20_000 });
    const busy = startOpenLoop({ perSecond: BUSY_PER_SECOND, send });
    await rig.until("three instances are ready", async () => (await readyCount("api")) === 3, 30_000);
    const pages = await openGatewayPages(rig);
    await rig.until("the pool says its load", async () => (await pages.count("flyball_pool_wal", { pool: "api" })) > 0);
    const seenBusy = new Set((await rig.instances("api")).map(({ pid }) => pid));
    await rig.until("all three serve", async () => (await endpointsInUse(pages)) === 3);
    const { stdout } = await rig.flyball("status");
    expect(stdout).toMatch(/api: 3 of 1–3 instances, load \d/);
    const busyReplies = await busy.stop();

    const quiet = startOpenLoop({ perSecond: QUIET_PER_SECOND, send });
    await rig.until("one instance is left", async () => (await rig.instances("api")).length === 1, 60_000);
    const quietReplies = await quiet.stop();
    await events.stop();

    const replies = [...busyReplies, ...quietReplies];
    expect(countReplies(replies)).toEqual({ "200": replies.length });
    expect(new Set(busyReplies.map(({ body }) => Number(body))).size).toBeGreaterThanOrEqual(3);
    expect(seenBusy.size).toBe(3);
    const written = events.named("override-written");
    expect(written.map(({ field, actor }) => [field, actor])).toEqual(
      written.map(() => ["services.api.replicas", "scaling"]),
    );
    expect(Math.max(...written.map(({ value }) => Number(value)))).toBe(3);
    expect(written[0]?.reason).toMatch(/^load \d/);
    expect(events.named("override-dropped").at(-1)?.reason).toContain("were not needed for 4 s");
    expect((await rig.status()).overrides).toEqual([]);
    expect((await rig.incidents()).map(({ summary }) => summary)).toEqual([]);
  });
});

describe("a model server under load", () => {
  it("is scaled by the slots that the gateway has learned of it, for nobody has named any", async () => {
    rig = await createAppRig({ manifest: MODEL });
    await rig.up();
    const events = followAppEvents(rig.client());
    const { listeners } = await rig.status();
    const { host, port } = listeners.find(({ id }) => id === "public/public")!.address;
    const body = JSON.stringify({ model: "chat", stream: true, messages: [{ role: "user", content: "Hello" }] });
    const headers = { "content-type": "application/json" };
    const url = `http://${host}:${port}/v1/chat/completions`;
    const send = (): Promise<Reply> => sendRequest({ url, method: "POST", headers, body, limitMs: 30_000 });
    const busy = startOpenLoop({ perSecond: CALLS_PER_SECOND, send });
    await rig.until("three engines are ready", async () => (await readyCount("llm")) === 3, 90_000);
    const replies = await busy.stop();
    await events.stop();
    expect(countReplies(replies)).toEqual({ "200": replies.length });
    expect(events.named("override-written")[0]?.reason).toMatch(/^(load \d|\d+ )/);
  });
});

describe("a service that does not fit on the machine", () => {
  it("waits in a state of its own, says who would have to go, and starts when they have gone", async () => {
    const environment = { FLYBALL_MACHINE: "cpus=2,memory=1GiB,gpus=0" };
    rig = await createAppRig({ manifest: CROWDED, files: serviceFiles("slow.mjs"), environment });
    const { code, stdout, stderr } = await rig.flyball("up", "-d");
    expect(code).toBe(3);
    const why = /second needs 1 CPU, free are 0\.5 CPU; would have to go: first(\/0)? \(1\.5 CPU\)/;
    expect(`${stdout}${stderr}`).toMatch(why);
    await rig.until("the first one is ready", async () => (await readyCount("first")) === 1);
    expect((await rig.status()).services.map(({ service, state }) => [service, state])).toEqual([
      ["first", "ready"],
      ["second", "no-room"],
    ]);
    const top = JSON.parse((await rig.flyball("top", "-o", "json")).stdout) as { machine: unknown; reserved: unknown };
    expect(top).toMatchObject({ machine: { cpus: 2, gpus: 0 }, reserved: { cpus: 1.5 } });
    expect((await rig.flyball("scale", "first", "0")).code).toBe(0);
    await rig.until("the second one is ready", async () => (await readyCount("second")) === 1);
    await rig.until("the revision is reached", async () => (await rig.status()).state === "ready");
  });
});

async function endpointsInUse(pages: Awaited<ReturnType<typeof openGatewayPages>>): Promise<number> {
  return (await pages.endpoints("api")).filter(({ inFlight }) => inFlight > 0).length;
}
