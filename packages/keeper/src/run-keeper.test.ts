import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  startKeeperUnderTest,
  type KeeperMode,
  type KeeperUnderTest,
  type TestClient,
} from "../test/keeper-harness.ts";

// Real processes on a machine that may be busy; nothing here waits for time to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let keeper: KeeperUnderTest;
let client: TestClient;

beforeEach(async () => {
  keeper = await startKeeperUnderTest();
  client = await keeper.connect();
  await client.call("watch", {});
});
afterEach(() => keeper.dispose());

/** A control in a few lines: says hello and ready, and then what the test wants. */
const prelude = (then: string): string => `
  import { connect } from "node:net";
  const generation = Number(process.env.FLYBALL_GENERATION);
  const socket = connect(process.argv[2]);
  let last = 0;
  const call = (method, params) => socket.write(JSON.stringify({ id: (last += 1), method, params }) + "\\n");
  const ready = () => call("ready", { name: "control", generation });
  socket.on("data", () => {});
  socket.on("error", () => {});
  call("hello", { protocol: "flyball.keeper/v1", role: "control" });
  ${then}
`;

async function startControl(then: string): Promise<{ generation: number }> {
  const argv = await keeper.script("control.mjs", prelude(then));
  return client.call("system-start", {
    name: "control",
    argv: [...argv, keeper.layout.keeperSocket],
    workingDirectory: keeper.folder,
    environment: { PATH: process.env["PATH"] ?? "" },
    listeners: [],
    copies: 1,
  });
}

const untilState = (state: string, generation: number): Promise<unknown> =>
  client.untilAny(
    ({ event, data }) => event === "system-changed" && data.state === state && data.generation === generation,
  );

async function aliveInstance(): Promise<number> {
  const argv = await keeper.script(
    "instance.mjs",
    `process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000);`,
  );
  const started = await client.call("spawn", keeper.request({ argv }));
  await keeper.logLines("service/0.log", (lines) => lines.length > 0);
  return started.identity.pid;
}

const textOf = async (part: string): Promise<string> =>
  (await keeper.logLines("../keeper.log", (lines) => lines.some((line) => line.includes(part)))).join("\n");

describe("control", () => {
  it("is started again at once after kill −9, with its exit recorded and the instances untouched", async () => {
    await startControl(`ready();`);
    await untilState("ready", 1);
    const instance = await aliveInstance();
    const [before] = (await client.call("system-list", {})).processes;
    const killedAt = performance.now();
    process.kill(before!.pid, "SIGKILL");
    await untilState("ready", 2);
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    const [after] = (await client.call("system-list", {})).processes;
    expect(after).toMatchObject({
      generation: 2,
      restarts: 1,
      lastExit: { code: null, signal: "SIGKILL", wasRequested: false },
    });
    expect((await client.call("list", {})).processes).toMatchObject([
      { state: "running", identity: { pid: instance } },
    ]);
  });

  it("has its output in its log over its lives, and its own tag", async () => {
    await startControl(
      `console.log(process.env.FLYBALL_INSTANCE + " life " + generation); if (generation < 3) process.exit(9); ready();`,
    );
    const lines = await keeper.logLines("@control/0.log", (seen) => seen.length === 3);
    expect(lines.map((line) => line.slice(27))).toEqual(
      [1, 2, 3].map((life) => `${keeper.prefix}@control/0 life ${life}`),
    );
    await untilState("ready", 3);
  });

  it("that cannot be started is an error with its reason, and leaves nothing", async () => {
    const answer = client.call("system-start", {
      name: "control",
      argv: ["no-such-program"],
      workingDirectory: keeper.folder,
      environment: {},
      listeners: [],
      copies: 1,
    });
    await expect(answer).rejects.toMatchObject({ code: "FB_KEEPER_SPAWN" });
    expect((await client.call("system-list", {})).processes).toEqual([]);
  });

  it("stays when its successor exits three times before it is ready, and another can be tried", async () => {
    await startControl(`ready();`);
    await untilState("ready", 1);
    const failing = startControl(`process.exit(1);`);
    await expect(failing).rejects.toMatchObject({ code: "FB_KEEPER_SYSTEM", details: { name: "control" } });
    expect((await client.call("system-list", {})).processes).toMatchObject([{ generation: 1, state: "ready" }]);
    expect(await textOf("is not replaced")).toMatch(/control is not replaced: it exited three times/);
    expect(await startControl(`ready();`)).toEqual({ generation: 5 });
    await untilState("draining", 1);
  });

  it("that dies while its successor starts is not started again: the successor is", async () => {
    await startControl(`ready();`);
    await untilState("ready", 1);
    const second = startControl(`process.on("SIGUSR2", ready); console.log("waits");`);
    await untilState("starting", 2);
    await keeper.logLines("@control/0.log", (lines) => lines.length > 0);
    const pids = (await client.call("system-list", {})).processes.map(({ pid }) => pid);
    process.kill(pids[0]!, "SIGKILL");
    expect(await second).toEqual({ generation: 2 });
    process.kill(pids[1]!, "SIGUSR2");
    await untilState("ready", 2);
    expect((await client.call("system-list", {})).processes).toMatchObject([{ generation: 2, state: "ready" }]);
  });

  it("is taken for ready only in its present life", async () => {
    await startControl(``);
    await expect(client.call("ready", { name: "control", generation: 7 })).rejects.toMatchObject({
      code: "FB_KEEPER_UNKNOWN",
    });
  });
});

describe("the end of an app", () => {
  const orderly = `ready(); process.on("SIGTERM", () => { console.log("stopping"); call("signal", { tag: process.env.FLYBALL_INSTANCE.replace("@control", "service"), signal: "SIGKILL" }); call("shutdown", { graceMs: 1000 }); setTimeout(() => process.exit(0), 50); });`;

  it("comes with shutdown: SIGTERM, SIGKILL after the grace, and nothing is left, the socket neither", async () => {
    await aliveInstance();
    const { killed } = await client.call("shutdown", { graceMs: 50 });
    expect(killed).toHaveLength(1);
    expect(await keeper.exited).toEqual([0, null]);
    expect(await keeper.survivors()).toEqual([]);
    await expect(keeper.connect()).rejects.toMatchObject({ code: "FB_KEEPER_UNREACHABLE" });
  });

  it("lets processes that heed SIGTERM finish within the grace", async () => {
    const argv = await keeper.script(
      "i.mjs",
      `process.on("SIGTERM", () => { console.log("clean"); process.exit(0); }); console.log("up"); setInterval(() => {}, 1000);`,
    );
    await client.call("spawn", keeper.request({ argv }));
    await keeper.logLines("service/0.log", (lines) => lines.length === 1);
    expect(await client.call("shutdown", { graceMs: 10_000 })).toMatchObject({ killed: [] });
    await keeper.exited;
    expect((await keeper.logLines("service/0.log", () => true)).at(-1)).toMatch(/ o clean$/);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "comes with %s to the keeper: control stops the app in order",
    async (signal) => {
      await startControl(orderly);
      await untilState("ready", 1);
      await aliveInstance();
      keeper.process.kill(signal);
      expect(await keeper.exited).toEqual([0, null]);
      expect(await keeper.survivors()).toEqual([]);
      expect((await keeper.logLines("@control/0.log", () => true)).join()).toMatch(/stopping/);
      expect(await textOf("ended;")).toMatch(/had to be killed: 0, left: none/);
    },
  );

  it("comes at once with SIGTERM when control is not there", async () => {
    const argv = await keeper.script("i.mjs", `console.log("up"); setInterval(() => {}, 1000);`);
    await client.call("spawn", keeper.request({ argv }));
    keeper.process.kill("SIGTERM");
    expect(await keeper.exited).toEqual([0, null]);
    expect(await keeper.survivors()).toEqual([]);
  });

  it("comes when control exits without asking for it", async () => {
    await startControl(`ready(); process.on("SIGTERM", () => process.exit(0));`);
    await untilState("ready", 1);
    keeper.process.kill("SIGTERM");
    expect(await keeper.exited).toEqual([0, null]);
  });

  it("comes sooner with a second signal", async () => {
    await startControl(`process.on("SIGTERM", () => console.log("no hurry")); ready();`);
    await untilState("ready", 1);
    keeper.process.kill("SIGTERM");
    await keeper.logLines("@control/0.log", (lines) => lines.length > 0);
    keeper.process.kill("SIGTERM");
    expect(await keeper.exited).toEqual([0, null]);
    expect(await keeper.survivors()).toEqual([]);
  });

  it("comes when the owner's connection closes, and not when it has detached or is no owner", async () => {
    await startControl(orderly);
    await untilState("ready", 1);
    const [bystander, detached, owner] = [
      await keeper.connect(),
      await keeper.connect({ isOwner: true }),
      await keeper.connect({ isOwner: true }),
    ];
    await detached.call("detach", {});
    bystander.close();
    detached.close();
    expect(await client.call("system-list", {})).toMatchObject({ processes: [{ state: "ready" }] });
    owner.close();
    expect(await keeper.exited).toEqual([0, null]);
    expect(await keeper.survivors()).toEqual([]);
  });

  it("comes sooner when shutdown is asked again without a grace", async () => {
    await aliveInstance();
    const patient = client.call("shutdown", { graceMs: 600_000 });
    const hasty = client.call("shutdown", { graceMs: 0 });
    expect((await patient).killed).toHaveLength(1);
    expect(await hasty).toEqual(await patient);
    expect(await keeper.exited).toEqual([0, null]);
  });

  it("refuses to start anything more", async () => {
    await aliveInstance();
    const ending = client.call("shutdown", { graceMs: 300 });
    await expect(client.call("spawn", keeper.request({ argv: ["true"] }))).rejects.toMatchObject({
      code: "FB_KEEPER_FAILED",
    });
    await ending;
  });
});

describe("a keeper whose clock runs twenty times as fast", () => {
  async function startHasty(...modes: KeeperMode[]): Promise<void> {
    await keeper.dispose();
    keeper = await startKeeperUnderTest("hasty", ...modes);
  }

  it("ends when it runs in the foreground and no owner has come within 10 s", async () => {
    await startHasty("foreground");
    expect(await keeper.exited).toEqual([0, null]);
    expect(await textOf("ending")).toMatch(/no owner came/);
  });

  it("goes on when an owner has come, or when it runs in the background", async () => {
    for (const modes of [["foreground"], []] as KeeperMode[][]) {
      await startHasty(...modes);
      client = await keeper.connect({ isOwner: true });
      // Longer than the hasty 10 s: three generations of a program that is started again after 8 s of life each.
      await client.call("watch", {});
      await client.call("system-start", {
        name: "gateway",
        argv: ["sleep", "0.4"],
        workingDirectory: keeper.folder,
        environment: { PATH: process.env["PATH"] ?? "" },
        listeners: [],
        copies: 1,
      });
      await untilState("starting", 3);
      expect(keeper.process.exitCode).toBeNull();
    }
  });

  it("does not wait longer than 30 s for a control that ignores SIGTERM", async () => {
    await startHasty();
    client = await keeper.connect();
    await client.call("watch", {});
    await startControl(`process.on("SIGTERM", () => {}); ready();`);
    await untilState("ready", 1);
    keeper.process.kill("SIGTERM");
    expect(await keeper.exited).toEqual([0, null]);
    expect(await keeper.survivors()).toEqual([]);
    expect(await textOf("ended;")).toMatch(/had to be killed: 1, left: none/);
  });
});

describe("a keeper", () => {
  it("refuses to start beside another of the same app, which goes on", async () => {
    await expect(keeper.again()).rejects.toThrow("the keeper ended");
    expect((await client.call("list", {})).processes).toEqual([]);
  });

  it("ends what a keeper that was killed has left, before it starts anything", async () => {
    await aliveInstance();
    expect(await keeper.survivors()).toHaveLength(1);
    keeper.process.kill("SIGKILL");
    await keeper.exited;
    keeper = await keeper.again();
    client = await keeper.connect();
    const started = await client.call("spawn", keeper.request({ argv: ["sleep", "100"] }));
    expect(await keeper.survivors()).toEqual([started.identity.pid]);
  });

  it("answers nonsense with an error and goes on", async () => {
    await expect(client.call("spawn", {} as never)).rejects.toMatchObject({ code: "FB_KEEPER_FAILED" });
    await expect(client.call("nonsense" as never, {} as never)).rejects.toMatchObject({ code: "FB_KEEPER_UNKNOWN" });
    await expect(client.call("signal", { tag: `${keeper.prefix}x/0`, signal: "SIGNONSENSE" })).resolves.toEqual({
      signalled: 0,
    });
    expect(client.keeper).toMatchObject({ app: "t", version: "0.0.0-test", pid: keeper.process.pid });
  });
});
