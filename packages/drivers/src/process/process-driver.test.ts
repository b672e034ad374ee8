// What only processes can show: environments, files, ports, ghosts, shells that leave before their children. On a real keeper.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import {
  systemClock,
  type InstanceObservation,
  type LogLine,
  type PortSpec,
  type StartContext,
  type Workload,
} from "@flyball/core";
import { findTaggedProcesses } from "@flyball/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProcessDriver, type ProcessDriver, type ProcessDriverOptions } from "./process-driver.ts";
import { startTestKeeper, type TestKeeper } from "./testdata/start-test-keeper.ts";

/** Another clone for each run: the same tests of two checkouts at the same time do not meet on ports and tags. */
const [APP, CLONE] = ["unit", randomBytes(4).toString("hex")];
const HTTP: PortSpec = { name: "http", protocol: "http", host: "127.0.0.1" };
const SQL: PortSpec = { name: "sql", protocol: "tcp", host: "127.0.0.1" };
const CONTEXT: StartContext = { revision: 1, serviceAddresses: {}, environment: {} };

let keeper: TestKeeper;
let driver: ProcessDriver;
const signal = new AbortController().signal;

beforeEach(async () => {
  keeper = await startTestKeeper(APP, CLONE);
  driver = await connectDriver();
});

afterEach(() => keeper.dispose());

async function connectDriver(change: Partial<ProcessDriverOptions> = {}): Promise<ProcessDriver> {
  return createProcessDriver({
    keeper: await keeper.connect(),
    layout: keeper.layout,
    app: APP,
    clone: CLONE,
    baseEnvironment: { PATH: process.env["PATH"], HOME: "/home/somebody", LEAKED: "yes" },
    clock: systemClock,
    random: Math.random,
    ...change,
  });
}

function workload(command: readonly string[], change: Partial<Workload> = {}): Workload {
  return {
    app: APP,
    clone: CLONE,
    service: "api",
    kind: "service",
    specHash: "h1",
    command,
    workingDirectory: keeper.layout.directory,
    environment: {},
    ports: [],
    volumes: [],
    configs: [],
    secrets: [],
    resources: { limits: {}, reservations: {} },
    stopSignal: "SIGTERM",
    stopGraceMs: 10_000,
    labels: {},
    ...change,
  };
}

function node(script: string): readonly string[] {
  return [process.execPath, "-e", script];
}

async function start(program: Workload, context = CONTEXT): Promise<InstanceObservation> {
  const [instance] = await driver.apply({ workload: program, replicas: 1 }, context, signal);
  return instance!;
}

/** Lines of the instance until one fits. */
async function linesUntil(handle: string, fits: (text: string) => boolean): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of driver.logs(handle, { tail: 1_000, isFollowing: true }, AbortSignal.timeout(10_000))) {
    lines.push(line);
    if (fits(line.text)) return lines;
  }
  throw new Error(`not seen; output: ${lines.map((line) => line.text).join(" | ")}`);
}

async function environmentOf(handle: string): Promise<Record<string, string>> {
  const [line] = await linesUntil(handle, (text) => text.startsWith("{"));
  return JSON.parse(line!.text) as Record<string, string>;
}

const PRINT_ENVIRONMENT = "console.log(JSON.stringify(process.env)); setInterval(() => {}, 60_000)";

test("an instance gets base, grants, its own and the injected variables, placeholders filled in, and nothing else", async () => {
  const program = workload(node(PRINT_ENVIRONMENT), {
    ports: [HTTP, SQL],
    environment: {
      URL: "tcp://${services.db.address}/${instance.ordinal}",
      ME: "http://127.0.0.1:${instance.port}",
      KEY: "k-${secrets.pg}",
    },
  });
  await keeper.owner.call("secrets-put", { values: { pg: "hush" } });
  const context = {
    ...CONTEXT,
    serviceAddresses: { db: "127.0.0.1:5432" },
    environment: { FLYBALL_DB_URL: "http://x" },
  };
  const { handle, addresses } = await start(program, context);
  const [http, sql] = [String(addresses["http"]?.port), String(addresses["sql"]?.port)];
  expect(await environmentOf(handle)).toEqual({
    PATH: process.env["PATH"],
    HOME: "/home/somebody",
    FLYBALL_DB_URL: "http://x",
    URL: "tcp://127.0.0.1:5432/0",
    ME: `http://127.0.0.1:${http}`,
    KEY: "k-hush",
    PORT: http,
    HOST: "127.0.0.1",
    FLYBALL_PORT_HTTP: http,
    FLYBALL_PORT_SQL: sql,
    FLYBALL_INSTANCE: `${APP}.${CLONE}/api/0`,
  });
});

test("volumes, configs and secrets are files whose paths are told; secrets and configs are private and gone after stop, volumes stay", async () => {
  await keeper.owner.call("secrets-put", { values: { pg: "hush" } });
  const program = workload(node(PRINT_ENVIRONMENT), {
    volumes: [{ volume: "data", path: "/data" }],
    configs: [{ name: "rules", content: "a: ${secrets.none}\n", sha256: "" }],
    secrets: ["pg"],
  });
  const { handle } = await start(program);
  const environment = await environmentOf(handle);
  const [volume, config, secret] = [
    environment["FLYBALL_VOLUME_DATA"]!,
    environment["FLYBALL_CONFIG_RULES"]!,
    environment["FLYBALL_SECRET_PG"]!,
  ];
  expect(volume).toBe(join(keeper.layout.volumes, "data"));
  expect((await stat(volume)).isDirectory()).toBe(true);
  expect(await readFile(config, "utf8")).toBe("a: ${secrets.none}\n");
  expect(await readFile(secret, "utf8")).toBe("hush");
  for (const path of [config, secret]) expect((await stat(path)).mode & 0o777).toBe(0o600);
  await driver.stop(handle, { graceMs: 10_000, stopSignal: "SIGTERM" }, signal);
  expect([volume, config, secret].map((path) => existsSync(path))).toEqual([true, false, false]);
});

test("a crashed instance's secrets go when it is forgotten, a one-off's output too, a later life's files stay", async () => {
  await keeper.owner.call("secrets-put", { values: { pg: "hush" } });
  const crashing = (service: string): Workload => workload(node("console.log('x')"), { service, secrets: ["pg"] });
  const exits = new Map<string, () => void>();
  await driver.observe((event) => event.kind === "instance-exited" && exits.get(event.instance.handle)?.(), signal);
  const runToEnd = async (service: string): Promise<InstanceObservation> => {
    const instance = await start(crashing(service));
    await new Promise<void>((resolve) => {
      exits.set(instance.handle, resolve);
      void driver.recover(instance.handle, signal).then((now) => now?.state === "exited" && resolve());
    });
    return instance;
  };
  const secret = (service: string): boolean => existsSync(join(keeper.layout.run, service, "0/secret-pg"));
  const output = (service: string): boolean => existsSync(join(keeper.layout.logs, service, "0.log"));
  const first = await runToEnd("api");
  const second = await start(workload(node("setInterval(() => {}, 60_000)"), { secrets: ["pg"] }));
  await driver.forget(first.handle);
  await driver.forget(second.handle);
  expect([secret("api"), output("api")]).toEqual([true, true]);
  await driver.stop(second.handle, { graceMs: 0, stopSignal: "SIGKILL" }, signal);
  const oneOff = await runToEnd("api@run_1a_2b");
  expect([secret("api@run_1a_2b"), output("api@run_1a_2b")]).toEqual([true, true]);
  await driver.forget(oneOff.handle);
  expect([secret("api@run_1a_2b"), output("api@run_1a_2b"), output("api")]).toEqual([false, false, true]);
});

test("a secret that the keeper does not have fails the start and leaves no file", async () => {
  await expect(start(workload(node(""), { secrets: ["none"] }))).rejects.toMatchObject({ code: "FB_KEEPER_SECRET" });
  expect(existsSync(join(keeper.layout.run, "api/0"))).toBe(false);
});

test("tcp ports are the same after a restart of driver and instance, http ports are not", async () => {
  const program = workload(node("setInterval(() => {}, 60_000)"), { ports: [HTTP, SQL] });
  const first = await start(program);
  await driver.stop(first.handle, { graceMs: 0, stopSignal: "SIGKILL" }, signal);
  driver = await connectDriver();
  const second = await start(program);
  expect(second.addresses["sql"]).toEqual(first.addresses["sql"]);
  const third = await driver.restart(second.handle, program, CONTEXT, signal);
  expect(third.addresses["sql"]).toEqual(first.addresses["sql"]);
  expect(third.addresses["http"]).not.toEqual(second.addresses["http"]);
});

test("a stable port that a stranger took is replaced, and the new one is the stable one", async () => {
  const program = workload(node("setInterval(() => {}, 60_000)"), { ports: [SQL] });
  const before = await driver.addressOf(program, "sql");
  const stranger = createServer().listen(before!.port, "127.0.0.1");
  await once(stranger, "listening");
  const { addresses } = await start(program);
  expect(addresses["sql"]?.port).not.toBe(before!.port);
  expect(await driver.addressOf(program, "sql")).toEqual(addresses["sql"]);
  stranger.close();
});

test("a fixed port that is held is an error that names the holder, and nothing is started", async () => {
  const stranger = createServer().listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  await expect(start(workload(node(""), { ports: [{ ...HTTP, port }] }))).rejects.toMatchObject({
    code: "FB_DRIVER_PORT_TAKEN",
    details: { port, holder: expect.stringContaining(`(pid ${process.pid})`) },
  });
  stranger.close();
  await once(stranger, "close");
  const { addresses } = await start(workload(node("setInterval(() => {}, 60_000)"), { ports: [{ ...HTTP, port }] }));
  expect(addresses["http"]).toEqual({ host: "127.0.0.1", port });
});

test("ports of instances that do not listen yet are not given to others", async () => {
  const range = { from: 21_000, to: 21_003 };
  driver = await connectDriver({ portRange: range });
  await driver.apply(
    { workload: workload(node("setInterval(() => {}, 60_000)"), { ports: [HTTP] }), replicas: 2 },
    CONTEXT,
    signal,
  );
  const again = await connectDriver({ portRange: range });
  const sleeper = workload(node("setInterval(() => {}, 60_000)"), { service: "other", ports: [HTTP] });
  const others = await again.apply({ workload: sleeper, replicas: 2 }, CONTEXT, signal);
  const all = (await again.observe(() => {}, signal)).map((instance) => instance.addresses["http"]?.port);
  expect(new Set(all).size).toBe(4);
  expect(others).toHaveLength(2);
});

test.each(["restart", "apply"])(
  "%s after a crash does not meet the ghost of its predecessor on the port",
  // Between two lives somebody else on this machine may take the port; then it is another one.
  { retry: 2 },
  async (method) => {
    const listener =
      "require('net').createServer().listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'))";
    const detached = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(listener)}], {detached: true, stdio: 'inherit'}).unref(); setInterval(() => {}, 60_000)`;
    const program = workload(node(detached), { ports: [SQL] });
    const first = await start(program);
    await linesUntil(first.handle, (text) => text === "listening");
    const exited = new Promise<void>(
      (resolve) => void driver.observe((event) => event.kind === "instance-exited" && resolve(), signal),
    );
    process.kill(first.identity!.pid, "SIGKILL");
    await exited;
    const second = await (method === "apply" ? start(program) : driver.restart(first.handle, program, CONTEXT, signal));
    expect(second.addresses["sql"]).toEqual(first.addresses["sql"]);
    let listening = 0;
    const lines = await linesUntil(second.handle, (text) => text === "listening" && (listening += 1) === 2);
    expect(lines.map((line) => line.text)).toEqual(["listening", "listening"]);
  },
);

test("a program behind a shell has its whole grace although the shell leaves at once", async () => {
  const graceful =
    "process.on('SIGTERM', () => setTimeout(() => { console.log('finished'); process.exit(0); }, 300)); console.log('ready'); setInterval(() => {}, 60_000)";
  const shell = `trap 'exit 0' TERM; "$0" -e "$1" & wait`;
  const { handle } = await start(workload(["sh", "-c", shell, process.execPath, graceful]));
  await linesUntil(handle, (text) => text === "ready");
  await driver.stop(handle, { graceMs: 10_000, stopSignal: "SIGTERM" }, signal);
  const seen: string[] = [];
  for await (const line of driver.logs(handle, { tail: 10, isFollowing: false }, signal)) seen.push(line.text);
  expect(seen).toEqual(["ready", "finished"]);
  expect(await findTaggedProcesses({ tag: `${APP}.${CLONE}/api/0` })).toEqual([]);
});

test("a command runs in the instance's environment, secrets and placeholders included, and leaves no file and no process", async () => {
  await keeper.owner.call("secrets-put", { values: { pg: "hush" } });
  const program = workload(node("setInterval(() => {}, 60_000)"), {
    ports: [HTTP],
    environment: { KEY: "${secrets.pg}" },
  });
  const { handle, addresses } = await start(program);
  const result = await driver.runCommand(
    handle,
    ["sh", "-c", 'echo "$KEY $PORT ${instance.port}"; echo bad >&2'],
    { timeoutMs: 10_000 },
    signal,
  );
  const port = addresses["http"]!.port;
  expect(result.code).toBe(0);
  expect(result.output.split("\n").toSorted()).toEqual(["bad", `hush ${port} ${port}`].toSorted());
  const { processes } = await keeper.owner.call("list", {});
  expect(processes.map((process) => process.key)).toEqual([handle]);
});

test("the output of a command is bounded to its last 64 KiB", async () => {
  const { handle } = await start(workload(node("setInterval(() => {}, 60_000)")));
  const script = "for (let i = 0; i < 20000; i++) console.log('line ' + i)";
  const { output } = await driver.runCommand(handle, node(script), { timeoutMs: 20_000 }, signal);
  expect(output.endsWith("line 19999")).toBe(true);
  expect(output.length).toBe(64 * 1024);
});

test("a check that a killed control left behind is ended by the next driver", async () => {
  const { handle } = await start(workload(node("setInterval(() => {}, 60_000)")));
  const left = driver.runCommand(handle, ["sleep", "600"], { timeoutMs: 600_000 }, signal).catch(() => "ended");
  const tag = `${APP}.${CLONE}/api@check/0`;
  while ((await findTaggedProcesses({ tag })).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const again = await connectDriver();
  expect((await again.observe(() => {}, signal)).map((instance) => instance.handle)).toEqual([handle]);
  expect(await findTaggedProcesses({ tag })).toEqual([]);
  await left;
});

test("CPU time of a child with a session of its own is its instance's", async () => {
  const burn =
    "const used = () => { const { user, system } = process.cpuUsage(); return user + system; }; while (used() < 400_000); console.log('burnt'); setInterval(() => {}, 60_000)";
  const program = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(burn)}], {detached: true, stdio: 'inherit'}).unref(); setInterval(() => {}, 60_000)`;
  const { handle } = await start(workload(node(program)));
  await linesUntil(handle, (text) => text === "burnt");
  const [usage] = await driver.measure(signal);
  expect(usage?.handle).toBe(handle);
  expect(usage?.cpuSeconds).toBeGreaterThan(0.37);
  expect(usage?.rssBytes).toBeGreaterThan(50 * 1024 * 1024);
});

test("when the keeper is killed, every call is FB_KEEPER_UNREACHABLE, one that waits included", async () => {
  const stubborn = "process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 60_000)";
  const { handle, identity } = await start(workload(node(stubborn)));
  await linesUntil(handle, (text) => text === "ready");
  const stopping = driver.stop(handle, { graceMs: 60_000, stopSignal: "SIGTERM" }, signal);
  process.kill(keeper.pid, "SIGKILL");
  await expect(stopping).rejects.toMatchObject({ code: "FB_KEEPER_UNREACHABLE" });
  await expect(driver.observe(() => {}, signal)).rejects.toMatchObject({ code: "FB_KEEPER_UNREACHABLE" });
  await expect(start(workload(node("")))).rejects.toMatchObject({ code: "FB_KEEPER_UNREACHABLE" });
  process.kill(-identity!.pid, "SIGKILL");
});
