// What control does about faults that only show in what processes do, on the real thing: a stopped process, a dependency that hangs, a release whose
// answers are bad.
import type { Incident } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { startOpenLoop, type OpenLoop } from "./support/open-loop.ts";
import { sendRequest, type Reply } from "./support/send-request.ts";
import { serviceFiles } from "./support/service-files.ts";

let rig: AppRig | undefined;
let load: OpenLoop<Reply> | undefined;

afterEach(async () => {
  await load?.stop();
  load = undefined;
  await rig?.dispose();
  rig = undefined;
});

async function startApp(manifest: string): Promise<AppRig> {
  rig = await createAppRig({
    files: serviceFiles("plain.mjs", "dependent.mjs", "spinning.mjs"),
    manifest,
    environment: { FLYBALL_GOOD_WINDOW_MS: "2000" },
  });
  await rig.up();
  return rig;
}

function startLoad(url: string): void {
  const send = (): Promise<Reply> => sendRequest({ url: `${url}/`, method: "GET", limitMs: 5_000 });
  load = startOpenLoop({ perSecond: 20, send });
}

const told = (incident: Incident | undefined): string =>
  (incident?.actions ?? [])
    .map(({ rung, action, at }) => `${rung ?? action}@${at - incident!.began.firstBad}`)
    .join(" ");

describe("pain 9: a hang", () => {
  it.each([
    ["was stopped", "SIGSTOP"],
    ["runs in a circle for ever", "SIGUSR2"],
  ] as const)(
    "replaces a process that %s, and says what it was",
    async (_what, signal) => {
      const app = await startApp(`
name: heal
services:
  web: { command: [node, spinning.mjs], replicas: 2, healthcheck: { http: /health } }
`);
      const victim = (await app.instances("web"))[0];
      process.kill(victim?.pid ?? 0, signal);
      const stoppedAt = Date.now();
      await app.until("it recovers", async () => (await app.incidents())[0]?.state === "recovered", 60_000);
      const [incident] = await app.incidents();
      const running = await app.instances("web");
      console.info(
        `${signal}; ready again after ${(incident?.capacityRecoveredAt ?? 0) - stoppedAt} ms:`,
        told(incident),
      );
      expect(incident).toMatchObject({ class: "frozen", subject: { service: "web" } });
      expect(running.filter(({ state }) => state === "ready")).toHaveLength(2);
      expect(running.map(({ pid }) => pid)).not.toContain(victim?.pid);
    },
    120_000,
  );
});

it("lists those that suffer from a dependency that hangs, and leaves them alone", async () => {
  const app = await startApp(`
name: heal
services:
  store: { command: [node, plain.mjs], healthcheck: { http: /health } }
  api:
    command: [node, dependent.mjs]
    replicas: 2
    depends_on: [store]
    environment: { NEEDS: "http://\${services.store.address}/" }
    healthcheck: { http: /health }
`);
  const before = (await app.instances("api")).map(({ pid }) => pid);
  startLoad(await app.url("api"));
  await app.until("some answers", () => load!.sent() >= 20);
  process.kill((await app.instances("store"))[0]?.pid ?? 0, "SIGSTOP");
  const isOver = async (): Promise<boolean> => {
    const incidents = await app.incidents();
    return incidents.length > 0 && incidents.every(({ state }) => state === "recovered" || state === "closed");
  };
  await app.until("it recovers", isOver, 90_000);
  const incidents = (await app.incidents()).filter(({ state }) => state === "recovered");
  console.info(incidents.map((incident) => `${incident.subject.service} ${incident.class} ${told(incident)}`));
  expect(incidents).toMatchObject([
    { class: "frozen", subject: { service: "store" }, dependants: [{ service: "api" }] },
  ]);
  expect((await app.instances("api")).map(({ pid }) => pid)).toEqual(before);
}, 150_000);

it("rolls back a release whose answers are bad everywhere", async () => {
  const manifest = (status: number): string => `
name: heal
services:
  web:
    command: [node, plain.mjs]
    replicas: 2
    environment: { STATUS: "${status}" }
    healthcheck: { http: /health }
`;
  const app = await startApp(manifest(200));
  startLoad(await app.url("web"));
  await app.until("some answers", () => load!.sent() >= 20);
  await app.folder.write("app/flyball.yaml", manifest(500));
  await app.until("the bad release came", async () => (await app.status()).revision?.number === 2, 60_000);
  await app.until(
    "it is rolled back",
    async () => {
      const { revision, state } = await app.status();
      return revision?.number === 3 && state === "ready";
    },
    90_000,
  );
  const { revision } = await app.status();
  const incident = (await app.incidents()).find(({ actions }) => actions.some(({ rung }) => rung === "roll-back"));
  console.info(`rolled back: ${incident?.class ?? ""} ${told(incident)}`);
  expect(revision).toMatchObject({ number: 3, author: "healing" });
  expect(incident?.subject).toEqual({ service: "web" });
}, 240_000);
