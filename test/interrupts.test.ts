// Ctrl-C and its relatives on `flyball up` in the foreground: whatever ends the command ends the app, and nothing is left of either.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOf } from "./support/answer-of.ts";
import { everythingOf, killHard } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { spawnForeground, startForeground, type ForegroundApp } from "./support/foreground-app.ts";
import { serviceFiles } from "./support/service-files.ts";

let rig: AppRig;

beforeAll(async () => {
  rig = await createAppRig({
    files: serviceFiles("web.mjs", "stubborn.mjs"),
    manifest: `
name: front
services:
  web: { command: [node, web.mjs], replicas: 2, ports: [{ name: http, published: 18650 }], healthcheck: { http: /health } }
`,
  });
});

afterAll(() => rig?.dispose());

async function expectNothingLeft(): Promise<void> {
  expect(await everythingOf(rig.stateFolder())).toEqual([]);
}

describe("a foreground `up`", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends the app and itself with 130 at %s to its group",
    async (signal) => {
      const app = await startForeground(rig);
      expect((await answerOf(`${await rig.url("web")}/`)).status).toBe(200);
      app.signalGroup(signal);
      expect(await app.ended).toEqual({ code: 130, signal: null });
      expect(app.stderr()).toContain("Everything has ended.");
      await expectNothingLeft();
    },
  );

  it("ends the same when only the outer process is signalled, and when it comes twice at once", async () => {
    const app = await startForeground(rig);
    app.child.kill("SIGTERM");
    app.child.kill("SIGTERM");
    expect(await app.ended).toEqual({ code: 130, signal: null });
    await expectNothingLeft();
  });

  it("is ended by Ctrl-C while it still starts", async () => {
    const command = spawnForeground(rig);
    await rig.until("it has begun", () => command.stderr().includes("Starting front"));
    command.signalGroup("SIGINT");
    expect(await command.ended).toEqual({ code: 130, signal: null });
    await expectNothingLeft();
    const status = await rig.flyball("status");
    expect(status.code).toBe(1);
  });

  it.each([
    ["all its processes are", (app: ForegroundApp) => app.commandProcesses],
    ["its outer process is", (app: ForegroundApp) => app.commandProcesses.slice(0, 1)],
    ["its inner process is", (app: ForegroundApp) => app.commandProcesses.slice(-1)],
  ])("leaves nothing within 15 s when %s killed −9", async (_what, victimsOf) => {
    const app = await startForeground(rig);
    const victims = victimsOf(app);
    expect(app.commandProcesses).toHaveLength(2);
    const { killedAt } = await killHard(...victims);
    await rig.until("nothing is left", async () => (await everythingOf(rig.stateFolder())).length === 0, 15_000);
    console.info(`${victims.length} killed: the app was gone after ${(performance.now() - killedAt).toFixed(0)} ms`);
  });

  it("that joined a running app only stops telling", async () => {
    await rig.up();
    const app = await startForeground(rig);
    app.signalGroup("SIGINT");
    expect(await app.ended).toEqual({ code: 130, signal: null });
    expect((await rig.status()).state).toBe("ready");
    expect((await rig.flyball("down")).code).toBe(0);
    await expectNothingLeft();
  });
});

describe("a service that ignores its stop signal", () => {
  it("is killed when Ctrl-C is pressed again and again", async () => {
    await rig.folder.write(
      "app/flyball.yaml",
      "name: front\nservices:\n  stubborn: { command: [node, stubborn.mjs], ports: [], stop_grace_period: 30s }\n",
    );
    const app = await startForeground(rig);
    const pressedAt = performance.now();
    const pressing = setInterval(() => app.signalGroup("SIGINT"), 200);
    void app.ended.then(() => clearInterval(pressing));
    await rig.until("it has ended", () => app.child.exitCode !== null, 10_000);
    expect(app.child.exitCode).toBe(130);
    await expectNothingLeft();
    console.info(`a stubborn service was gone ${(performance.now() - pressedAt).toFixed(0)} ms after the first Ctrl-C`);
  });
});
