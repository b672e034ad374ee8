import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startKeeperUnderTest, type KeeperUnderTest, type TestClient } from "../test/keeper-harness.ts";

// Real processes on a machine that may be busy; nothing here waits for time to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let keeper: KeeperUnderTest;
let client: TestClient;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  keeper = await startKeeperUnderTest();
  client = await keeper.connect();
  await client.call("watch", {});
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await keeper.dispose();
});

async function busyPort(host: string): Promise<number> {
  const server = createServer();
  await once(server.listen(0, host), "listening");
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A gateway: serves its generation and worker on each inherited descriptor, says ready through the keeper's client, drains at SIGTERM. */
const GATEWAY = `
  import { createServer } from "node:http";
  import { connect } from "node:net";
  const generation = Number(process.env.FLYBALL_GENERATION);
  const listeners = JSON.parse(process.env.FLYBALL_LISTENERS);
  const servers = [];
  for (const { id, fds } of listeners) {
    for (const [worker, fd] of fds.entries()) {
      const server = createServer((request, response) => response.end(JSON.stringify({ generation, id, worker })));
      servers.push(server);
      await new Promise((resolve) => server.listen({ fd }, resolve));
    }
  }
  console.log("serving " + generation);
  const socket = connect(process.argv[2]);
  socket.write(JSON.stringify({ id: 1, method: "hello", params: { protocol: "flyball.keeper/v1", role: "gateway" } }) + "\\n");
  socket.write(JSON.stringify({ id: 2, method: "ready", params: { name: "gateway", generation } }) + "\\n");
  socket.on("data", () => {});
  process.on("SIGTERM", () => { for (const server of servers) server.close(); socket.destroy(); });
`;

async function startGateway(copies: number, listeners: readonly string[] = ["web"]): Promise<{ generation: number }> {
  const argv = await keeper.script("gateway.mjs", GATEWAY);
  return client.call("system-start", {
    name: "gateway",
    argv: [...argv, keeper.layout.keeperSocket],
    workingDirectory: keeper.folder,
    environment: { PATH: process.env["PATH"] ?? "" },
    listeners,
    copies,
  });
}

const untilReady = (generation: number): Promise<unknown> =>
  client.untilAny(
    ({ event, data }) => event === "system-changed" && data.state === "ready" && data.generation === generation,
  );

interface Outcome {
  readonly code?: string;
  readonly generation?: number;
}

/** One request on a connection of its own. */
function ask(host: string, port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const outgoing = httpRequest({ host, port, agent: false }, (incoming) => {
      let text = "";
      incoming.on("data", (chunk: Buffer) => (text += chunk.toString()));
      incoming.on("end", () => resolve(JSON.parse(text) as Outcome));
      incoming.on("error", (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? "?" }));
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? "?" }));
    outgoing.end();
  });
}

describe("bind", () => {
  it.each(["127.0.0.1", "::1"])("gives any free port on %s, and the same one again for the same wish", async (host) => {
    const first = await client.call("bind", { id: "web", host, port: 0, tryNext: 0 });
    expect(first.port).toBeGreaterThan(0);
    expect(await client.call("bind", { id: "web", host, port: 0, tryNext: 0 })).toEqual(first);
    expect(await client.call("bind", { id: "web", host, port: first.port, tryNext: 0 })).toEqual(first);
    expect(await client.call("listeners", {})).toEqual({ listeners: [first] });
  });

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["::1", "::1"],
    ["::", "::1"],
    ["::", "127.0.0.1"],
  ])("finds a port busy while a program listens on %s and %s is wanted, and names the program", async (held, host) => {
    const port = await busyPort(held);
    const refused = client.call("bind", { id: "web", host, port, tryNext: 0 });
    await expect(refused).rejects.toMatchObject({ code: "FB_KEEPER_BIND", details: { holder: { pid: process.pid } } });
    const next = await client.call("bind", { id: "web", host, port, tryNext: 20 });
    expect(next.port).toBeGreaterThan(port);
  });

  it("does not give one port to two listeners, and frees it with unbind", async () => {
    const host = "127.0.0.1";
    const { port } = await client.call("bind", { id: "a", host, port: 0, tryNext: 0 });
    await expect(client.call("bind", { id: "b", host, port, tryNext: 0 })).rejects.toMatchObject({
      code: "FB_KEEPER_BIND",
    });
    await client.call("unbind", { id: "a" });
    expect(await client.call("bind", { id: "b", host, port, tryNext: 0 })).toEqual({ id: "b", host, port });
  });

  it("moves a listener whose wish changed", async () => {
    const host = "127.0.0.1";
    const before = await client.call("bind", { id: "web", host, port: 0, tryNext: 0 });
    const after = await client.call("bind", { id: "web", host, port: before.port + 1, tryNext: 20 });
    expect(after.port).toBeGreaterThan(before.port);
    expect(await client.call("listeners", {})).toEqual({ listeners: [after] });
  });

  it("refuses a host that is not this machine's", async () => {
    const refused = client.call("bind", { id: "web", host: "192.0.2.1", port: 0, tryNext: 0 });
    await expect(refused).rejects.toMatchObject({ code: "FB_KEEPER_BIND" });
  });
});

describe("a gateway", () => {
  it("serves every listener on its inherited descriptors, over IPv4 and IPv6", async () => {
    const web = await client.call("bind", { id: "web", host: "127.0.0.1", port: 0, tryNext: 0 });
    const six = await client.call("bind", { id: "six", host: "::1", port: 0, tryNext: 0 });
    await startGateway(2, ["web", "six"]);
    await untilReady(1);
    expect(await ask(web.host, web.port)).toMatchObject({ generation: 1, id: "web" });
    expect(await ask(six.host, six.port)).toMatchObject({ generation: 1, id: "six" });
  });

  it("that is killed three times under connection churn comes back within 1 s, with no connection refused", async () => {
    const { host, port } = await client.call("bind", { id: "web", host: "127.0.0.1", port: 0, tryNext: 0 });
    await startGateway(2);
    await untilReady(1);
    const outcomes = new Map<string, number>();
    const answered = (): number => outcomes.get("answered") ?? 0;
    let onAnswer = (): void => {};
    const untilAnswered = (count: number): Promise<void> =>
      new Promise((resolve) => (onAnswer = () => answered() >= count && resolve()));
    const over = new AbortController();
    const churn = Array.from({ length: 8 }, async () => {
      while (!over.signal.aborted) {
        const { code = "answered" } = await ask(host, port);
        outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
        onAnswer();
      }
    });
    const gaps: number[] = [];
    for (let generation = 1; generation <= 3; generation += 1) {
      await untilAnswered(answered() + 300);
      const [gateway] = (await client.call("system-list", {})).processes;
      const killedAt = performance.now();
      process.kill(gateway!.pid, "SIGKILL");
      await untilReady(generation + 1);
      gaps.push(performance.now() - killedAt);
    }
    await untilAnswered(answered() + 300);
    over.abort();
    await Promise.all(churn);
    expect(answered()).toBeGreaterThan(1_000);
    expect(outcomes.get("ECONNREFUSED") ?? 0).toBe(0);
    // Only what a killed gateway had in hand is lost: at most one for each client and kill.
    const lost = [...outcomes].filter(([code]) => code !== "answered").reduce((sum, [, count]) => sum + count, 0);
    expect(lost).toBeLessThanOrEqual(24);
    expect(Math.max(...gaps)).toBeLessThan(1_000);
    expect((await client.call("system-list", {})).processes).toMatchObject([
      { name: "gateway", generation: 4, restarts: 3, state: "ready" },
    ]);
  });

  it("is replaced by a second on the same sockets and a new one, without a failed request", async () => {
    const { host, port } = await client.call("bind", { id: "web", host: "127.0.0.1", port: 0, tryNext: 0 });
    await startGateway(1);
    await untilReady(1);
    const added = await client.call("bind", { id: "added", host, port: 0, tryNext: 0 });
    const seen = new Set<unknown>();
    const over = new AbortController();
    const churn = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) {
        const { code, generation } = await ask(host, port);
        seen.add(code ?? generation);
      }
    });
    expect(await startGateway(2, ["web", "added"])).toEqual({ generation: 2 });
    await client.untilAny(
      ({ event, data }) => event === "system-changed" && data.generation === 1 && data.lastExit !== undefined,
    );
    expect(await ask(host, added.port)).toMatchObject({ generation: 2, id: "added" });
    over.abort();
    await Promise.all(churn);
    expect(seen).toEqual(new Set([1, 2]));
    expect((await client.call("system-list", {})).processes).toMatchObject([
      { generation: 2, state: "ready", restarts: 0 },
    ]);
  });

  it("needs listeners that are bound", async () => {
    await expect(startGateway(1)).rejects.toMatchObject({ code: "FB_KEEPER_UNKNOWN", details: { name: "web" } });
  });
});
