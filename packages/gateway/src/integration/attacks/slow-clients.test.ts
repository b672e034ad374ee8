// Attack 21: clients that are slow on purpose.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { endpoint, pool, route, TIMEOUTS } from "../../testdata/snapshots.ts";
import { send } from "../../testdata/test-client.ts";
import { attackSnapshot, KEY, startAttackRig, type AttackRig } from "./testdata/attack-rig.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

/** The list asks for 50 ms. */
const DELAY_MS = { median: 50, worst: 250 } as const;
let attack: AttackRig;

beforeAll(async () => {
  attack = await startAttackRig();
});
afterAll(() => attack.dispose());
beforeEach(() => {
  attack.upstream.reset();
  attack.arrived();
});

async function open(bytes: string): Promise<Socket> {
  const socket = connect(attack.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(bytes);
  return socket;
}

/** Milliseconds of each of some requests, one after the other. */
async function durations(count: number): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    expect((await send({ port: attack.port, path: "/normal" })).status).toBe(200);
    all.push(performance.now() - startedAt);
  }
  return all.toSorted((a, b) => a - b);
}

/** The median stands for what the gateway does, the slowest one for what the machine does beside: its bound has room for a busy one. */
async function expectNoDelay(medianBefore: number): Promise<void> {
  const added = (await durations(40)).map((duration) => duration - medianBefore);
  const worst = added.at(-1) ?? 0;
  process.stdout.write(`21: ${median(added).toFixed(1)} ms longer in the median, ${worst.toFixed(1)} ms at worst\n`);
  expect(median(added)).toBeLessThan(DELAY_MS.median);
  expect(worst).toBeLessThan(DELAY_MS.worst);
}

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

it(
  "21: a thousand connections whose headers never end delay nobody and are closed by the timer",
  { retry: 2 },
  async () => {
    const before = median(await durations(20));
    const sockets = await Promise.all(
      Array.from({ length: 1_000 }, () => open("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")),
    );
    const openedAt = performance.now();
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write("a");
    }, 1_000);
    let text = "";
    sockets[0]?.on("data", (chunk) => (text += chunk.toString()));
    const closed = Promise.all(sockets.map((socket) => once(socket.resume(), "close")));
    await expectNoDelay(before);
    await closed;
    clearInterval(drip);
    expect(performance.now() - openedAt).toBeLessThan(20_000);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(attack.arrived().filter(({ url }) => url !== "/normal")).toHaveLength(0);
  },
);

describe("21: slow bodies", () => {
  it("a thousand model calls whose body stands still delay nobody", { retry: 2 }, async () => {
    const before = median(await durations(20));
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 1000\r\n\r\n{`;
    const sockets = await Promise.all(Array.from({ length: 1_000 }, () => open(head)));
    await expectNoDelay(before);
    for (const socket of sockets) socket.destroy();
    expect(attack.arrived().filter(({ url }) => url !== "/normal")).toHaveLength(0);
  });

  it("a plain request whose body stands still gets 408 within the route's limit, and its upstream is free", async () => {
    const parts = {
      pools: [pool("web", [endpoint("web/0@1", attack.upstream.address.port)])],
      routes: [route("open", "web", { timeouts: { ...TIMEOUTS, firstByteMs: 300 } })],
      models: [],
    };
    expect(await attack.rig.publish(attackSnapshot(2, attack.upstream.address.port, parts))).toBe("applied");
    const socket = await open("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nbegin");
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    await once(socket, "close");
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain("FB_GATEWAY_BODY_STALLED");
    await attack.upstream.until(({ open: running }) => running === 0);
    expect(await attack.rig.publish(attackSnapshot(3, attack.upstream.address.port))).toBe("applied");
  });
});

it("21: a client that does not read holds the upstream back instead of the gateway's memory", async () => {
  const piece = Buffer.alloc(1024 * 1024, 0x61);
  attack.upstream.set({
    respond: () => ({ status: 200, headers: {}, body: Array.from({ length: 512 }, () => piece), paceMs: 1 }),
  });
  const socket = await open("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.pause();
  attack.upstream.set({ respond: undefined });
  const before = median(await durations(20));
  expect(before).toBeLessThan(100);
  const sent = () => attack.upstream.requests.find(({ url }) => url === "/large")?.bytesSent ?? 0;
  // What fits into the buffers of two sockets is sent; then nothing more, however long the client waits.
  let last = -1;
  await attack.rig.waitUntil(() => {
    const now = sent();
    const isStill = now === last && now > 0;
    last = now;
    return isStill;
  }, "a still upstream");
  expect(sent()).toBeLessThan(64 * 1024 * 1024);
  socket.destroy();
  await attack.upstream.until(({ open: running }) => running === 0);
});
