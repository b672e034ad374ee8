// An instance that lives, is probed well and answers every request with 500, at five requests a second: the gateway ejects it after a few,
// so hardly a request shows the fault. The incident must open all the same, must not end while nobody asks the instance, and must end
// when its own answers are good.
import type { Incident } from "@flyball/core";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { startOpenLoop, type OpenLoop } from "./support/open-loop.ts";
import { countReplies, sendRequest, type Reply } from "./support/send-request.ts";
import { serviceFiles } from "./support/service-files.ts";

const PER_SECOND = 5;
const MANIFEST = `
name: fail
services:
  web: { command: [node, flaky.mjs], replicas: 2, healthcheck: { tcp: true } }
`;

let rig: AppRig | undefined;
let load: OpenLoop<Reply> | undefined;

afterEach(async () => {
  await load?.stop();
  load = undefined;
  await rig?.dispose();
  rig = undefined;
});

function startLoad(url: string): OpenLoop<Reply> {
  const send = (): Promise<Reply> => sendRequest({ url: `${url}/`, method: "GET", limitMs: 10_000 });
  return startOpenLoop({ perSecond: PER_SECOND, send });
}

it("opens an incident within seconds, keeps it open through silence, and recovers with the instance's own good answers", async () => {
  rig = await createAppRig({
    files: serviceFiles("flaky.mjs"),
    manifest: MANIFEST,
    environment: { FLYBALL_GOOD_WINDOW_MS: "2000" },
  });
  const app = rig;
  await app.up();
  const url = await app.url("web");
  const only = async (): Promise<Incident | undefined> => {
    const incidents = await app.incidents();
    expect(incidents.length).toBeLessThanOrEqual(1);
    return incidents[0];
  };

  load = startLoad(url);
  await app.until("some answers", () => load!.sent() >= 10);
  await app.folder.write("app/broken", "1\n");
  await app.until("the incident opens", async () => (await only()) !== undefined);
  const opened = await only();
  expect(opened).toMatchObject({ class: "failed-requests", state: "open", subject: { service: "web", ordinal: 1 } });
  const seenAfterMs = (opened?.detectedAt ?? 0) - (opened?.began.firstBad ?? 0);
  console.info(`seen ${seenAfterMs} ms after the first failure; replies:`, countReplies(await load.stop()));
  expect(seenAfterMs).toBeLessThanOrEqual(10_000);

  // Nobody asks: a window without failures is no recovery.
  await app.until("it is said that nobody knows", async () =>
    ((await only())?.evidence ?? []).some(({ text }) => text.includes("whether it works again is not known")),
  );
  expect(await only()).toMatchObject({ state: "open" });

  // Others are asked, the instance itself hardly ever, and badly.
  load = startLoad(url);
  await app.until("eight seconds of requests", () => load!.sent() >= 8 * PER_SECOND);
  expect(await only()).toMatchObject({ state: "open" });

  const mendedAt = Date.now();
  rmSync(join(app.folder.path, "app", "broken"));
  await app.until("it recovers", async () => (await only())?.state === "recovered", 60_000);
  expect((await only())?.recoveredAt).toBeGreaterThanOrEqual(mendedAt);
}, 120_000);
