// Start order on real processes: what an exit of a dependency does to those that need it, what a slow start does not, and that everything
// a person needs to go on stands in the output of `up` and `status`.
import type { AppStatus } from "@flyball/core";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { answerOf } from "./support/answer-of.ts";
import { followAppEvents, type AppEvents } from "./support/app-events.ts";
import { appProcesses, killHard } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { serviceFiles } from "./support/service-files.ts";

let rig: AppRig | undefined;
let events: AppEvents | undefined;

afterEach(async () => {
  await events?.stop();
  await rig?.dispose();
  events = undefined;
  rig = undefined;
});

describe("a dependency that exits", () => {
  it("fails its dependants and theirs within a second, with exit code, last lines and next command", async () => {
    rig = await createAppRig({
      files: serviceFiles("web.mjs", "fail.mjs"),
      manifest: `
name: exits
services:
  front: { command: [node, web.mjs], depends_on: [api] }
  api: { command: [node, web.mjs], depends_on: { store: ready } }
  store:
    command: [node, fail.mjs]
    ports: []
    environment: { EXIT_CODE: 3, AFTER_MS: 100, SAYS: "opening /var/lib/store|cannot open the file: no such volume" }
`,
    });
    const up = await rig.flyball("up", "-d");
    expect(up.code).toBe(3);
    expectHelp(up.stdout + up.stderr, "store", "exited with code 3", "cannot open the file: no such volume");
    expect(up.stderr).not.toContain("    at ");
    const status = await rig.flyball("status");
    expect(status.code).toBe(3);
    expectHelp(status.stdout, "store", "exited with code 3", "cannot open the file: no such volume");
    const { services } = await rig.status();
    expect(services.filter(({ service }) => service !== "store").map(({ service, state }) => [service, state])).toEqual(
      [
        ["api", "failed"],
        ["front", "failed"],
      ],
    );
    expect(services.find(({ service }) => service === "front")?.reason).toContain("exited with code 3");
    events = followAppEvents(rig.client());
    const exited = await events.until(
      "the exit",
      (event) => event.event === "instance-exited" && event.instance === "store/0",
    );
    if (exited.event !== "instance-exited") throw new Error("not an exit");
    expect(exited.exit).toMatchObject({ code: 3, wasRequested: false });
    for (const service of ["api", "front"]) {
      const failed = await events.until(
        `${service} failed`,
        (event) => event.event === "service-state" && event.service === service && event.state === "failed",
      );
      const afterMs = failed.at - exited.exit.at;
      console.info(`${service} failed ${afterMs} ms after the exit`);
      expect(afterMs).toBeLessThanOrEqual(1_000);
      expect(JSON.stringify(failed)).toContain("exited with code 3");
    }
    const logs = await rig.flyball("logs", "store", "--tail", "5");
    expect(logs.stdout).toContain("cannot open the file");
  });

  it("is forgiven once it works: the waiting is cut short by `up`, and everything becomes ready", async () => {
    const manifest = (exitCode: number): string => `
name: mended
services:
  api: { command: [node, web.mjs], depends_on: { migrate: completed } }
  migrate:
    kind: job
    command: [node, fail.mjs]
    restart: never
    environment: { EXIT_CODE: ${exitCode}, SAYS: "the schema is locked" }
`;
    rig = await createAppRig({ files: serviceFiles("web.mjs", "fail.mjs"), manifest: manifest(5) });
    const up = await rig.flyball("up", "-d");
    expect(up.code).toBe(3);
    expectHelp(up.stdout + up.stderr, "migrate", "exited with code 5", "the schema is locked");
    const again = await rig.flyball("up", "-d");
    expect(again.code).toBe(3);
    expect((await rig.incidents()).map((incident) => incident.class)).toEqual(["job-failed"]);
    await rig.folder.write("app/flyball.yaml", manifest(0));
    await rig.up();
    const status = await rig.status();
    expect(status.state).toBe("ready");
    expect(status.services.map(({ service, state }) => `${service} ${state}`)).toEqual([
      "migrate completed",
      "api ready",
    ]);
    expect((await rig.flyball("logs", "migrate")).stdout).toContain("the schema is locked");
  });
});

describe("a dependency that is slow", () => {
  it("is no failure while it recovers within start_period, and its dependants wait", async () => {
    rig = await createAppRig({
      files: serviceFiles("web.mjs"),
      manifest: `
name: slow
services:
  api: { command: [node, web.mjs], depends_on: [store], healthcheck: { http: /health } }
  store:
    command: [node, web.mjs]
    environment: { HEALTHY_AFTER_MS: 2500 }
    healthcheck: { http: /health, interval: 200ms, retries: 2, start_period: 20s }
`,
    });
    const app = rig;
    const running = app.up();
    let during: AppStatus | undefined;
    await Promise.race([
      app.until("the probe's answer is seen", async () => {
        during = await statusOrUndefined(app);
        return during?.services.find(({ service }) => service === "store")?.reason?.includes("503") === true;
      }),
      running.then(() => Promise.reject(new Error("it was ready before it was seen to be slow"))),
    ]);
    if (during === undefined) throw new Error("no status");
    expect(during.state).toBe("starting");
    expect(during.services.map(({ service, state }) => `${service} ${state}`)).toEqual([
      "store starting",
      "api pending",
    ]);
    expect(during.services[1]?.reason).toContain("waits for store to be ready");
    await running;
    events = followAppEvents(rig.client());
    await events.until("reached", (event) => event.event === "revision-reached");
    const states = [...events.named("service-state"), ...events.named("instance-state")].map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["pending", "starting", "ready"]));
    expect(events.named("revision-failed")).toEqual([]);
    expect(events.named("incident-opened")).toEqual([]);
    expect(await rig.incidents()).toEqual([]);
    expect((await rig.status()).state).toBe("ready");
  });

  it("that never becomes healthy fails with the transcript of its last probe", async () => {
    rig = await createAppRig({
      files: serviceFiles("web.mjs"),
      manifest: `
name: never
services:
  api: { command: [node, web.mjs], depends_on: [store] }
  store:
    command: [node, web.mjs]
    environment: { HEALTHY_AFTER_MS: -1 }
    healthcheck: { http: /health, interval: 100ms, retries: 2, start_period: 800ms }
`,
    });
    const up = await rig.flyball("up", "-d");
    expect(up.code).toBe(3);
    const transcript = /GET http:\/\/127\.0\.0\.1:\d+\/health → 503 \{"text":"warming up"\}/;
    expect(up.stdout + up.stderr).toMatch(transcript);
    const status = await rig.flyball("status", "-o", "json");
    expect(status.code).toBe(3);
    const { services, failure } = JSON.parse(status.stdout) as AppStatus;
    expect(failure).toMatch(transcript);
    expect(services.find(({ service }) => service === "api")).toMatchObject({ state: "failed", ready: 0 });
    expect((await rig.incidents()).find(({ subject }) => subject.service === "store")).toMatchObject({
      class: "start-failed",
    });
  });
});

describe("a dependency that exits once and then works", () => {
  const manifest = (healthcheck: string): string => `
name: again
services:
  api: { command: [node, web.mjs], depends_on: [store] }
  store: { command: [node, second-try.mjs], healthcheck: { http: /, interval: 200ms${healthcheck} } }
`;

  it("within a start_period that the manifest states is no failure: `up` succeeds and nothing is shown as failed", async () => {
    rig = await createAppRig({
      files: serviceFiles("web.mjs", "second-try.mjs"),
      manifest: manifest(", start_period: 20s"),
    });
    await rig.up();
    events = followAppEvents(rig.client());
    await events.until("reached", (event) => event.event === "revision-reached");
    expect(events.named("instance-exited")).toMatchObject([{ instance: "store/0", exit: { code: 3 } }]);
    const states = [...events.named("service-state"), ...events.named("instance-state")].map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["pending", "starting", "ready"]));
    expect(events.named("revision-failed")).toEqual([]);
    expect(await rig.incidents()).toEqual([]);
    expect((await rig.status()).state).toBe("ready");
  });

  it("without a stated start_period fails its dependants within a second, and the app is mended by itself", async () => {
    rig = await createAppRig({ files: serviceFiles("web.mjs", "second-try.mjs"), manifest: manifest("") });
    const up = await rig.flyball("up", "-d");
    expect(up.code).toBe(3);
    expectHelp(up.stdout + up.stderr, "store", "exited with code 3", "the disk is not there yet");
    await rig.until("the second try is ready", async () => (await rig!.status()).state === "ready");
    events = followAppEvents(rig.client());
    const failed = await events.until(
      "api failed",
      (event) => event.event === "service-state" && event.service === "api" && event.state === "failed",
    );
    expect(failed.at - (events.named("instance-exited")[0]?.exit.at ?? 0)).toBeLessThanOrEqual(1_000);
  });
});

describe("a port that somebody else takes between its choice and the program's bind", () => {
  it("costs another start and nothing else: no stranger is taken for ready, no failure, no incident", async () => {
    rig = await createAppRig({
      files: serviceFiles("web.mjs", "late.mjs"),
      manifest: `
name: race
services:
  api: { command: [node, web.mjs], depends_on: [store] }
  store: { command: [node, late.mjs] }
`,
    });
    const app = rig;
    const running = app.up();
    let port = 0;
    await app.until("the store has a port", async () => {
      port = (await statusOrUndefined(app))?.services[0]?.instances[0]?.port ?? 0;
      return port > 0;
    });
    const stranger = createServer((socket) => socket.end("not the store\n")).listen(port, "127.0.0.1");
    try {
      await once(stranger, "listening");
      await app.folder.write("app/go", "");
      await running;
      const [store] = await app.instances("store");
      expect(store).toMatchObject({ state: "ready", restarts: 1 });
      expect(store?.port).not.toBe(port);
      expect(await textOf(await app.url("store"))).toBe(`here at ${store?.port}\n`);
      expect(await app.incidents()).toEqual([]);
      events = followAppEvents(app.client());
      await events.until("reached", (event) => event.event === "revision-reached");
      expect(events.named("revision-failed")).toEqual([]);
      const moved = { id: "store/0", wishedPort: port, port: store?.port };
      const holder = expect.stringContaining(`(pid ${process.pid})`) as string;
      expect(events.named("listener-moved")).toMatchObject([{ ...moved, holder }]);
    } finally {
      stranger.close();
    }
  });
});

describe("a revision that cannot be reached while the one before it serves", () => {
  const manifest = (command: string): string => `
name: change
services:
  web: { command: ${command}, environment: { EXIT_CODE: 4, SAYS: "no such volume" } }
`;

  it.each([
    ["leaves at once", "[node, fail.mjs]", "exited with code 4"],
    ["is not there", "[no-such-program]", "no-such-program"],
  ])("because its program %s is no success, whoever asks and however often", async (_what, command, reason) => {
    rig = await createAppRig({ files: serviceFiles("web.mjs", "fail.mjs"), manifest: manifest("[node, web.mjs]") });
    await rig.up();
    events = followAppEvents(rig.client());
    await rig.folder.write("app/flyball.yaml", manifest(command));
    await events.until("the watched file fails", (event) => event.event === "revision-failed");
    for (let again = 0; again < 2; again += 1) {
      const up = await rig.flyball("up", "-d");
      expect([up.code, up.stderr]).toEqual([3, expect.stringContaining(reason)]);
      expect(up.stderr).toContain("Revision 2 was not reached, what ran before goes on");
      expect(up.stderr).not.toContain("is ready after");
    }
    const status = await rig.flyball("status");
    expect([status.code, status.stdout]).toEqual([3, expect.stringContaining(reason)]);
    expect((await answerOf(`${await rig.url("web")}/`)).status).toBe(200);
    expect((await rig.flyball("rollback")).code).toBe(0);
    await rig.until("the app is well again", async () => (await rig!.status()).state === "ready");
    expect((await rig.status()).revision).toMatchObject({ number: 3, reason: "rollback to 1" });
    const nothing = await rig.flyball("rollback");
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining("FB_CONTROL_NO_EARLIER_REVISION")]);
  });
});

describe("jobs, tcp addresses and loopback names", () => {
  it("runs a job once a revision before what needs it, gives tcp addresses, and is reached by 127.0.0.1, localhost and ::1", async () => {
    const manifest = (version: string): string => `
name: order
services:
  front:
    command: [node, web.mjs]
    ports: [{ name: http, published: 18630 }]
    environment: { VERSION: "${version}" }
    healthcheck: { http: /health }
    depends_on: { reader: started }
  reader:
    command: [node, reader.mjs]
    environment: { RUNS: "\${RUNS}", CACHE: "\${services.cache.address}" }
    depends_on: { seed: completed, cache: ready }
  seed: { kind: job, command: [node, job.mjs], environment: { RUNS: "\${RUNS}", TAKES_MS: 400 } }
  cache: { command: [node, cache.mjs], ports: [{ name: tcp, protocol: tcp }] }
`;
    rig = await createAppRig({
      files: serviceFiles("web.mjs", "reader.mjs", "job.mjs", "cache.mjs"),
      manifest: manifest("1"),
    });
    const runsFile = join(rig.folder.path, "runs");
    rig.environment["RUNS"] = runsFile;
    const runs = (): readonly string[] => readFileSync(runsFile, "utf8").trimEnd().split("\n");
    await rig.up();
    expect(runs()).toHaveLength(1);
    expect(await textOf(`${await rig.url("reader")}/runs`)).toBe(JSON.stringify(runs()));
    expect(await textOf(`${await rig.url("reader")}/hello`)).toBe("cached: /hello");
    const { port } = new URL(await rig.url("front"));
    for (const host of ["127.0.0.1", "localhost", "[::1]"])
      expect((await answerOf(`http://${host}:${port}/`)).status).toBe(200);
    const tcp = (await rig.status()).services.find(({ service }) => service === "cache")?.url;
    expect(await askTcp(tcp ?? "", "direct")).toBe("cached: direct");

    await rig.up();
    await killHard((await appProcesses(rig.stateFolder())).control);
    await rig.until("control is back", async () => (await rig!.status()).state === "ready");
    expect(runs()).toHaveLength(1);

    await rig.folder.write("app/flyball.yaml", manifest("2"));
    await rig.up();
    expect(runs()).toHaveLength(2);
    expect(JSON.parse(await textOf(`${await rig.url("front")}/`))).toMatchObject({ version: "2" });
    expect((await rig.flyball("logs", "seed")).stdout.match(/job done/g)).toHaveLength(2);
  });
});

/** Undefined while control does not answer yet. */
async function statusOrUndefined(app: AppRig): Promise<AppStatus | undefined> {
  try {
    return await app.status();
  } catch {
    return undefined;
  }
}

function expectHelp(output: string, service: string, exit: string, lastLine: string): void {
  expect(output).toContain(exit);
  expect(output).toContain(lastLine);
  expect(output).toContain(`flyball logs ${service}`);
}

async function textOf(url: string): Promise<string> {
  return (await answerOf(url)).text;
}

function askTcp(address: string, text: string): Promise<string> {
  const [host = "", port = ""] = address.split(":");
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), host, () => socket.write(text));
    socket.once("error", reject);
    socket.once("data", (chunk: Buffer) => {
      socket.destroy();
      resolve(chunk.toString());
    });
  });
}
