// Two gateways of one app before one engine, on the link of a real control: together they never send it more than it has slots, and each has
// all of them while the other one wants none. The process driver runs one gateway, so the test starts the second one.
import { createTemporaryFolder } from "@flyball/fakes";
import { NO_LIMITS, type ProcessIdentity } from "@flyball/core";
import { isProcessAlive, readProcessIdentity } from "@flyball/wire";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLinkServer, type LinkServer } from "../../../control/src/observe/link-server.ts";
import { createGatewayShares, LEASE_MS } from "../../../control/src/share/gateway-shares.ts";
import { startFakeEngine, type FakeEngine } from "../testdata/fake-engine.ts";
import { createRig, type GatewayProcess, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const SLOTS = 6;
const TAKES_MS = 20;
const COUNTED = 8;

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let links: LinkServer | undefined;
let known: readonly ProcessIdentity[] = [];
let engine: FakeEngine;
let rigs: Rig[];
let gateways: GatewayProcess[];

async function startControl(): Promise<void> {
  links = await createLinkServer(`${folder.path}/link.sock`, {
    events: {
      onSignals: () => undefined,
      onChange: () => undefined,
      onRefused: () => undefined,
      onListenFailed: () => undefined,
      spending: () => [],
    },
    shares: createGatewayShares({
      now: () => performance.now(),
      identify: readProcessIdentity,
      isAlive: isProcessAlive,
      known,
      remember: (identities) => void (known = identities),
    }),
  });
  links.publish(
    snapshot(1, {
      listeners: ["models", "admin"],
      pools: [
        pool("llm", [endpoint("llm/0@1", engine.upstream.port, { maxActive: SLOTS, capacity: SLOTS })], {
          maxWaitMs: 30_000,
        }),
      ],
      models: [
        model("chat", ["llm"]),
        model("counted", ["llm"], {
          limits: { ...NO_LIMITS, rates: [{ unit: "requests", windowMs: 3_600_000, limit: COUNTED }] },
        }),
      ],
      keys: [key("app", "secret", ["chat", "counted"])],
    }),
  );
}

async function stopControl(): Promise<void> {
  await links?.close();
  links = undefined;
}

async function startGateway(workers: number): Promise<void> {
  const rig = await createRig({
    listeners: ["models", "admin"],
    secrets: { "@keys": "secret" },
    workers,
    linkSocket: `${folder.path}/link.sock`,
  });
  rigs.push(rig);
  const gateway = rig.start();
  gateways.push(gateway);
  await gateway.ready;
}

beforeEach(async () => {
  folder = await createTemporaryFolder();
  engine = await startFakeEngine();
  known = [];
  rigs = [];
  gateways = [];
  await startControl();
  await startGateway(1);
  await startGateway(2);
});

afterEach(async () => {
  for (const { child } of gateways) child.kill("SIGCONT");
  await Promise.all(rigs.map((rig) => rig.dispose()));
  await stopControl();
  await engine.upstream.kill();
  await folder.dispose();
});

const ask = (gateway: number, content: string, name = "chat"): Promise<number> =>
  send({
    port: (rigs[gateway] as Rig).port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer app", "content-type": "application/json" },
    body: JSON.stringify({ model: name, stream: true, messages: [{ role: "user", content }] }),
  }).then(
    ({ status }) => status,
    () => 0,
  );

/** Clients that ask one after the other until they are stopped; answers how often each status came. */
function startLoad(gateway: number, clients: number): { stop(): Promise<ReadonlyMap<number, number>> } {
  const counts = new Map<number, number>();
  const stopped = new AbortController();
  const run = async (client: number): Promise<void> => {
    while (!stopped.signal.aborted) {
      const status = await ask(gateway, `client ${gateway} ${client}`);
      counts.set(status, (counts.get(status) ?? 0) + 1);
      if (status !== 200) await pause(20);
    }
  };
  const all = Array.from({ length: clients }, (_, client) => run(client));
  return {
    async stop() {
      stopped.abort();
      await Promise.all(all);
      return counts;
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function metric(gateway: number, name: string): Promise<number> {
  const { text } = await send({ port: (rigs[gateway] as Rig).port("admin"), path: "/metrics" });
  const line = text.split("\n").find((each) => each.startsWith(name));
  return Number(line?.split(" ").at(-1));
}

const slotsOf = (gateway: number): Promise<number> =>
  metric(gateway, `flyball_endpoint_limit{pool="llm",endpoint="llm/0@1",kind="slots"}`);

async function untilSlots(expected: readonly number[]): Promise<void> {
  await expect
    .poll(() => Promise.all(expected.map((_, gateway) => slotsOf(gateway))), { timeout: 15_000 })
    .toEqual(expected);
}

it("gateways without a store of limits take their part of each, say so, and have the whole again when they are alone", async () => {
  const dividedBy = async (gateway: number): Promise<unknown> =>
    (await send({ port: (rigs[gateway] as Rig).port("admin"), path: "/health" })).json().limitsDividedBy;
  engine.answerAfterMs = 1;
  await expect.poll(() => Promise.all([0, 1].map(dividedBy)), { timeout: 20_000 }).toEqual([2, 2]);
  for (const gateway of [0, 1]) {
    const statuses = [];
    for (let call = 0; call < COUNTED; call += 1) statuses.push(await ask(gateway, `${call}`, "counted"));
    expect(statuses.filter((status) => status === 200)).toHaveLength(COUNTED / 2);
    expect(statuses.filter((status) => status === 429)).toHaveLength(COUNTED / 2);
  }
  expect(gateways[0]?.log()).toContain("each gateway takes its part");
  gateways[1]?.child.kill("SIGKILL");
  await expect.poll(() => dividedBy(0), { timeout: 20_000 }).toBe(1);
  expect(await ask(0, "one more", "counted")).toBe(200);
});

describe("two gateways before one engine", () => {
  it("send it no more than it has slots, and use all of them, under load from both", async () => {
    await untilSlots([3, 3]);
    engine.answerAfterMs = TAKES_MS;
    const loads = [startLoad(0, 20), startLoad(1, 20)];
    await pause(4_000);
    const served = await Promise.all(loads.map((load) => load.stop()));
    expect(engine.peak).toBe(SLOTS);
    for (const counts of served) {
      expect([...counts.keys()]).toEqual([200]);
      expect(counts.get(200)).toBeGreaterThan(20);
    }
    expect(await metric(0, "flyball_sharing_gateways")).toBe(2);
  });

  it("have all of its slots while the other one wants none", async () => {
    for (const gateway of [0, 1, 0]) {
      const all = Array.from({ length: 10 }, (_, index) => ask(gateway, `alone ${gateway} ${index}`));
      await expect.poll(() => engine.active, { timeout: 10_000 }).toBe(SLOTS);
      expect(await metric(gateway, `flyball_endpoint_share{pool="llm",endpoint="llm/0@1",kind="slots"}`)).toBe(1);
      engine.answerAfterMs = 1;
      engine.finish();
      expect(await Promise.all(all)).toEqual(all.map(() => 200));
      engine.answerAfterMs = undefined;
    }
    expect(engine.peak).toBe(SLOTS);
  });

  it("give back what they had when they are killed, and hand it over when they end in order", async () => {
    engine.answerAfterMs = TAKES_MS;
    const load = startLoad(0, 12);
    await untilSlots([SLOTS, 0]);
    process.kill((gateways[1] as GatewayProcess).pid, "SIGKILL");
    await gateways[1]?.exited;
    await expect.poll(() => metric(0, "flyball_sharing_gateways"), { timeout: 10_000 }).toBe(1);
    await startGateway(1);
    const other = startLoad(2, 12);
    await expect.poll(() => slotsOf(2), { timeout: 10_000 }).toBe(3);
    await load.stop();
    (gateways[0] as GatewayProcess).child.kill("SIGTERM");
    await expect.poll(() => slotsOf(2), { timeout: 10_000 }).toBe(SLOTS);
    expect([...(await other.stop()).keys()]).toEqual([200]);
    expect(engine.peak).toBe(SLOTS);
  });

  it("go on with their parts when control is killed and comes back", async () => {
    engine.answerAfterMs = TAKES_MS;
    const loads = [startLoad(0, 12), startLoad(1, 12)];
    await untilSlots([3, 3]);
    for (let time = 0; time < 3; time += 1) {
      await stopControl();
      await pause(500);
      await startControl();
      await pause(700);
    }
    await untilSlots([3, 3]);
    const served = await Promise.all(loads.map((load) => load.stop()));
    for (const counts of served) expect([...counts.keys()]).toEqual([200]);
    expect(engine.peak).toBe(SLOTS);
  });

  it("leave the whole to the other one at the end of a lease when they hang, and get their part again when they wake", async () => {
    engine.answerAfterMs = TAKES_MS;
    const load = startLoad(1, 12);
    await untilSlots([0, SLOTS]);
    process.kill((gateways[0] as GatewayProcess).pid, "SIGSTOP");
    const stoppedAt = performance.now();
    await expect.poll(() => metric(1, "flyball_sharing_gateways"), { timeout: 3 * LEASE_MS }).toBe(1);
    expect(performance.now() - stoppedAt).toBeGreaterThan(LEASE_MS - 2_000);
    process.kill((gateways[0] as GatewayProcess).pid, "SIGCONT");
    const other = startLoad(0, 12);
    await untilSlots([3, 3]);
    expect([...(await load.stop()).keys()]).toEqual([200]);
    expect([...(await other.stop()).keys()]).toEqual([200]);
    // What was exceeded while the one that woke had not been heard: an equal part at most.
    expect(engine.peak).toBeLessThanOrEqual(SLOTS + SLOTS / 2);
  });
});
