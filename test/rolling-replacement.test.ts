// A changed manifest replaces the instances of what changed, start-first, while people use the app: nobody loses a request, and a stream
// that began on an old instance ends there whole.
import { setTimeout as delay } from "node:timers/promises";
import type { InstanceStatus } from "@flyball/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { startOpenLoop, type OpenLoop } from "./support/open-loop.ts";
import { countReplies, sendRequest, type Reply } from "./support/send-request.ts";
import { serviceFiles } from "./support/service-files.ts";

const replacements = process.env["FLYBALL_TEST_LONG"] === "1" ? 10 : 3;
const QUICK_PER_SECOND = 50;
/** A stream lasts ten seconds: ten of them run at any time, so every replacement meets some. */
const STREAMS_PER_SECOND = 1;
const DWELL_MS = 1_500;
const STREAM_EVENTS = 100;

function manifest(version: number): string {
  const service = (name: string, value: string): string => `
  ${name}:
    command: [node, streamer.mjs]
    replicas: 2
    ports: [{ name: http }]
    healthcheck: { http: /health }
    environment: { VERSION: "${value}" }`;
  return `apiVersion: flyball/v1\nname: rolling\nservices:${service("changing", String(version))}${service("steady", "1")}\n`;
}

describe("a service that is replaced again and again", () => {
  let rig: AppRig;

  beforeAll(async () => {
    rig = await createAppRig({ manifest: manifest(0), files: serviceFiles("streamer.mjs") });
    await rig.up();
  });
  afterAll(() => rig?.dispose());

  it(`fails no request and truncates no stream in ${replacements} replacements`, async () => {
    const [changing, steady] = [await rig.url("changing"), await rig.url("steady")];
    const quick = [startQuick(changing), startQuick(steady)];
    const streams = startStreams(changing);
    const steadyPids = pidsOf(await rig.instances("steady"));
    const seen = new Set(pidsOf(await rig.instances("changing")));
    await delay(1_000);
    const changes: { readonly from: number; readonly to: number }[] = [];
    for (let version = 1; version <= replacements; version += 1) {
      const startedAt = performance.now();
      await rig.folder.write("app/flyball.yaml", manifest(version));
      // Every second change is left to the watch on the file.
      if (version % 2 === 0) await rig.up();
      await rig.until(`version ${version} serves alone`, async () =>
        isReplaced(await rig.instances("changing"), version + 1),
      );
      changes.push({ from: startedAt, to: performance.now() });
      for (const pid of pidsOf(await rig.instances("changing"))) seen.add(pid);
      expect(pidsOf(await rig.instances("steady"))).toEqual(steadyPids);
      await delay(DWELL_MS);
    }
    const quickReplies = (await Promise.all(quick.map((loop) => loop.stop()))).flat();
    const streamReplies = await streams.stop();
    const outlived = changes.map(({ from, to }) => streamsOver(streamReplies, from, to));
    process.stdout.write(
      `${replacements} replacements in ${changes.map(({ from, to }) => (to - from).toFixed(0)).join(", ")} ms; ${quickReplies.length} requests ${JSON.stringify(countReplies(quickReplies))}, ` +
        `${streamReplies.length} streams ${JSON.stringify(countReplies(streamReplies))}, outliving each replacement: ${outlived.join(", ")}\n`,
    );
    expect(countReplies(quickReplies)).toEqual({ "200": quickReplies.length });
    expect(countReplies(streamReplies)).toEqual({ "200": streamReplies.length });
    expect(streamReplies.filter((reply) => !isWhole(reply))).toEqual([]);
    expect(Math.min(...outlived)).toBeGreaterThanOrEqual(1);
    expect(seen.size).toBe(2 * (replacements + 1));
    await rig.until("the old instances have ended", async () => (await rig.instances("changing")).length === 2);
    expect((await rig.incidents()).map(({ summary }) => summary)).toEqual([]);
  });
});

/** Requests that nothing may repeat: a POST without a key, to a service that did not opt in. */
function startQuick(url: string): OpenLoop<Reply> {
  const send = (): Promise<Reply> => sendRequest({ url: `${url}/quick`, method: "POST", body: "now", limitMs: 20_000 });
  return startOpenLoop({ perSecond: QUICK_PER_SECOND, send });
}

function startStreams(url: string): OpenLoop<Reply> {
  const send = (): Promise<Reply> => sendRequest({ url: `${url}/stream`, method: "GET", limitMs: 60_000 });
  return startOpenLoop({ perSecond: STREAMS_PER_SECOND, send });
}

function isWhole({ body }: Reply): boolean {
  const ids = [...body.matchAll(/^id: (\d+)$/gmu)].map((match) => Number(match[1]));
  const isOrdered = ids.every((id, index) => id === index + 1);
  return ids.length === STREAM_EVENTS && isOrdered && body.endsWith("event: end\ndata: {}\n\n");
}

/** Streams that began on instances of before a replacement and ended after it. */
function streamsOver(streams: readonly Reply[], from: number, to: number): number {
  return streams.filter(({ startedAt, endedAt }) => startedAt < from && endedAt > to).length;
}

function isReplaced(instances: readonly InstanceStatus[], revision: number): boolean {
  const serving = instances.filter(({ state }) => state !== "draining");
  return serving.length === 2 && serving.every((each) => each.state === "ready" && each.revision === revision);
}

function pidsOf(instances: readonly InstanceStatus[]): readonly number[] {
  return instances.filter(({ state }) => state === "ready").flatMap(({ pid }) => pid ?? []);
}
