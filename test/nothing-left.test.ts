// Whatever of ours is killed −9, nothing of the app is left: when the keeper dies, nothing outlives it; when control dies while the app
// goes down, the next control goes on with it.
import { readProcessStat } from "@flyball/wire";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOf } from "./support/answer-of.ts";
import { appProcesses, everythingOf, isRunning, killHard, type KnownProcess } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { serviceFiles } from "./support/service-files.ts";

const CHAIN_MANIFEST = `
name: chain
services:
  web:
    command: [node, web.mjs]
    replicas: 2
    ports: [{ name: http, published: 18620 }]
    healthcheck: { http: /health }
  chain:
    command: [npm, run, --silent, start]
    ports: []
    stop_grace_period: 1s
`;
const CHAIN_FILES = {
  ...serviceFiles("web.mjs", "escape.mjs"),
  "package.json": JSON.stringify({ name: "chain", private: true, scripts: { start: "node escape.mjs; exit 1" } }),
};

describe("an app whose keeper is killed −9", () => {
  let rig: AppRig;
  beforeAll(async () => {
    rig = await createAppRig({ manifest: CHAIN_MANIFEST, files: CHAIN_FILES });
    await rig.up();
  });
  afterAll(() => rig?.dispose());

  it("is gone within 5 s: gateway, control, instances and what escaped their sessions", async () => {
    const escaped = await escapedProcess(rig);
    const { keeper, control, gateway, tagged } = await appProcesses(rig.stateFolder());
    expect(tagged.map(({ pid }) => pid)).toEqual(expect.arrayContaining([control.pid, gateway.pid, escaped.pid]));
    const { killedAt } = await killHard(keeper);
    const everything = [control, gateway, escaped, ...tagged];
    await rig
      .until("all of it is gone", () => !everything.some(isRunning), 5_000)
      .catch(async (error: unknown) => {
        throw new Error(`left 5 s after the keeper's death:\n${(await rig.leftovers()).join("\n")}`, { cause: error });
      });
    expect(await rig.leftovers()).toEqual([]);
    console.info(`keeper killed: all gone after ${(performance.now() - killedAt).toFixed(0)} ms`);
  });

  it("is said not to run, and the next `up` brings it back", async () => {
    const status = await rig.flyball("status");
    expect(status.code).toBe(1);
    expect(status.stderr).toContain("FB_CLI_NOT_RUNNING");
    await rig.up();
    expect((await rig.status()).state).toBe("ready");
    expect((await answerOf(`${await rig.url("web")}/`)).status).toBe(200);
  });

  it("`down` leaves nothing of npm → sh → node → a grandchild with its own session that ignores SIGTERM", async () => {
    const escaped = await escapedProcess(rig);
    const { keeper, tagged } = await appProcesses(rig.stateFolder());
    const down = await rig.flyball("down");
    expect(down.code).toBe(0);
    expect(down.stdout).toContain(`pid ${escaped.pid}`);
    expect([keeper, escaped, ...tagged].filter(isRunning)).toEqual([]);
    expect(await rig.leftovers()).toEqual([]);
  });
});

describe("control that is killed −9 while the app goes down", () => {
  it("goes on with it once it is back", async () => {
    const rig = await createAppRig({
      manifest:
        "name: ending\nservices:\n  stubborn: { command: [node, stubborn.mjs], ports: [], stop_grace_period: 2s }\n",
      files: serviceFiles("stubborn.mjs"),
    });
    await rig.up();
    const { keeper, control, tagged } = await appProcesses(rig.stateFolder());
    const down = rig.flyball("down");
    await rig.until("it is going down", async () => (await rig.status()).state === "stopping");
    await killHard(control);
    expect((await down).code).toBe(0);
    expect([keeper, ...tagged].filter(isRunning)).toEqual([]);
    expect(await everythingOf(rig.stateFolder())).toEqual([]);
    await rig.dispose();
  });
});

/** The process that services/escape.mjs started; it must have a session of its own, or the test would show nothing. */
async function escapedProcess(rig: AppRig): Promise<KnownProcess> {
  const file = join(rig.folder.path, "app", "escaped");
  await rig.until(
    "the grandchild runs",
    () => existsSync(file) && readProcessStat(Number(readFileSync(file, "utf8"))) !== undefined,
  );
  const stat = readProcessStat(Number(readFileSync(file, "utf8")))!;
  expect(stat.session).toBe(stat.pid);
  return { pid: stat.pid, startTicks: stat.startTicks };
}
