// Notices of a whole control on a fake driver and a fake clock: from a crash to what is to be sent, over restarts of control.
import type { NotifySpec, ServiceSpec } from "@flyball/core";
import { writeExposition } from "@flyball/telemetry";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { appStatus } from "../api/status.ts";
import { composeText } from "../texts/compose-text.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import { noticeFamilies } from "./notice-metrics.ts";
import type { NoticeOutlet } from "./notices.ts";

/** Nothing gets out, so what is to be sent stands in the store. */
const BLOCKED: NoticeOutlet = { environment: {}, readSecrets: () => new Promise(() => undefined) };
const BLOCKED_NOTIFY: NotifySpec = {
  channels: { ops: { type: "slack", url: "${secrets.slack}" } },
  routes: [{ to: ["ops"], from: "warning" }],
  groupWaitMs: 1_000,
  repeatMs: 0,
  language: "en",
};

let rig: ControlRig;
let server: Server | undefined;
afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** Ready as soon as it runs. */
function plain(name: string): ServiceSpec {
  const { healthcheck: _healthcheck, ...service } = makeService(name, { ports: [] });
  return service;
}

function crash(service: string): void {
  const running = rig.driver.instances(service).find(({ state }) => state === "running");
  rig.driver.crash(running?.handle ?? "");
}

const kinds = (): readonly string[] => rig.store.notices.queued().map(({ kind }) => kind);

describe("notices of an app", () => {
  it("a crash is told within five seconds of its detection, its end once when it held", async () => {
    rig = await createControlRig({ noticeOutlet: BLOCKED });
    await rig.apply(makeSpec([plain("api")], { notify: BLOCKED_NOTIFY }));
    await rig.advance(5_000);
    crash("api");
    await rig.advance(5_000);
    const [notice] = rig.store.notices.queued();
    const [incident] = rig.store.incidents.list({ limit: 1 });
    expect(notice).toMatchObject({
      kind: "opened",
      channel: "ops",
      entries: [{ subject: "api/0", class: "process-exit" }],
    });
    expect((notice?.at ?? 0) - (incident?.detectedAt ?? 0)).toBeLessThanOrEqual(5_000);
    await rig.advance(120_000);
    expect(rig.store.incidents.get(incident?.id ?? "")?.state).toBe("recovered");
    expect(kinds()).toEqual(["opened", "resolved"]);
  });

  it("nothing is told twice or lost when control is killed at any moment", async () => {
    rig = await createControlRig({ noticeOutlet: BLOCKED });
    await rig.apply(makeSpec([plain("api")], { notify: BLOCKED_NOTIFY }));
    await rig.advance(5_000);
    crash("api");
    for (let step = 0; step < 12; step += 1) {
      await rig.advance(step < 6 ? 300 : 15_000);
      rig = await rig.restartControl();
    }
    await rig.advance(120_000);
    expect(kinds()).toEqual(["opened", "resolved"]);
    expect(new Set(rig.store.notices.queued().map(({ id }) => id)).size).toBe(2);
  });

  it("what only the gateway sees is marked within two intervals after the gateway is gone, and goes on", async () => {
    rig = await createControlRig({ noticeOutlet: BLOCKED });
    await rig.apply(makeSpec([plain("api")], { notify: BLOCKED_NOTIFY }));
    await rig.advance(5_000);
    const { incidents, clock } = rig.control.context;
    const at = clock.now();
    incidents.report({
      class: "failed-requests",
      subject: { service: "api" },
      revision: 1,
      began: { lastGood: at, firstBad: at, source: "evidence" },
      summary: composeText("requests.fail", { instance: "api" }),
      evidence: composeText("requests.fail", { instance: "api" }),
      source: "gateway",
    });
    rig.gateways.splice(0);
    await rig.advance(10_000);
    expect(kinds()).toEqual(["opened", "data-missing"]);
    await rig.advance(60_000);
    expect(kinds()).toEqual(["opened", "data-missing"]);
  });

  it("a manifest without channels tells nobody, and says nothing in the status", async () => {
    rig = await createControlRig({ noticeOutlet: BLOCKED });
    await rig.apply(makeSpec([plain("api")]));
    crash("api");
    await rig.advance(60_000);
    expect(kinds()).toEqual([]);
    expect(appStatus(rig.control.context).notices).toBeUndefined();
  });
});

describe("a channel", () => {
  it("gets what waited while it was away, each notice by one id; the status says how it fares", async () => {
    const ids: string[] = [];
    let isAway = true;
    server = createServer((request, response) => {
      request.resume();
      if (isAway) return void response.writeHead(503).end("away");
      ids.push(String(request.headers["webhook-id"]));
      response.end("ok");
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const outlet: NoticeOutlet = { environment: {}, readSecrets: async () => ({}) };
    rig = await createControlRig({ noticeOutlet: outlet });
    const notify: NotifySpec = { ...BLOCKED_NOTIFY, channels: { ops: { type: "webhook", url } } };
    await rig.apply(makeSpec([plain("api")], { notify }));
    await rig.advance(5_000);
    crash("api");
    const status = () => appStatus(rig.control.context).notices?.[0];
    await expect.poll(async () => (await rig.advance(250), status()?.failure)).toBe("503 away");
    expect(status()).toMatchObject({ state: "fails", queued: 1 });
    rig = await rig.restartControl();
    expect(status()).toMatchObject({ state: "fails", queued: 1, failure: "503 away" });
    isAway = false;
    await expect.poll(async () => (await rig.advance(1_000), ids.length)).toBe(1);
    await expect.poll(async () => (await rig.advance(250), status()?.state)).toBe("works");
    expect(rig.store.notices.queued()).toEqual([]);
    const { notices } = rig.control.context;
    const text = writeExposition(noticeFamilies(notices?.status() ?? []));
    expect(text).toContain('flyball_notices_sent_total{channel="ops"} 1\n');
    expect(text).toContain('flyball_notice_channel_failing{channel="ops"} 0\n');
    expect(await notices?.test("ops")).toEqual([
      { channel: "ops", type: "webhook", isDelivered: true, answer: "200 ok" },
    ]);
    await expect(notices?.test("nobody")).rejects.toMatchObject({ code: "FB_CONTROL_NOT_FOUND" });
  });
});
