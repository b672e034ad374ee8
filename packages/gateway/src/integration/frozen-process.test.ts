// Two real processes serve; one is stopped by a signal, as a process hangs: its port takes connections and nothing comes back.
import { spawn, type ChildProcess } from "node:child_process";
import { Agent } from "node:http";
import { createInterface } from "node:readline";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import type { RequestEvidence } from "@flyball/core";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const SERVER = `require("node:http")
  .createServer((request, response) =>
    request.resume().on("end", () => setTimeout(() => response.end(String(process.pid)), 40)))
  .listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

let rig: Rig;
const children: ChildProcess[] = [];
afterEach(async () => {
  await rig.dispose();
  for (const child of children.splice(0)) {
    child.kill("SIGCONT");
    child.kill("SIGKILL");
  }
});

async function serve(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ["-e", SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout! })) return { child, port: Number(line) };
  throw new Error("the server ended");
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Asked {
  readonly sentAt: number;
  readonly tookMs: number;
  readonly status: number;
  readonly by: string;
}

/** Kept connections stay at one worker, so that none of them sees much. */
const agent = new Agent({ keepAlive: true });
afterAll(() => agent.destroy());

/** So many requests a second, whatever becomes of them. */
async function askFor(ms: number, perSecond: number): Promise<readonly Asked[]> {
  const asked: Promise<Asked>[] = [];
  const from = performance.now();
  while (performance.now() - from < ms) {
    const sentAt = performance.now() - from;
    const reply = send({ port: rig.port("public"), agent });
    asked.push(
      reply.then(({ status, text }) => ({ sentAt, status, by: text, tookMs: performance.now() - from - sentAt })),
    );
    await pause(1_000 / perSecond);
  }
  return Promise.all(asked);
}

it.each([1, 3])(
  "loses its traffic within three seconds at five requests a second, with %d workers",
  async (workers) => {
    const [frozen, good] = [await serve(), await serve()];
    rig = await createRig({ workers });
    rig.send(
      snapshot(1, {
        pools: [pool("web", [endpoint("web/0@1", frozen.port), endpoint("web/1@1", good.port)])],
        routes: [route("all", "web")],
      }),
    );
    await rig.start().ready;
    await askFor(5_000, 60);
    const seen = (): readonly RequestEvidence[] =>
      rig.signals.filter((signal): signal is RequestEvidence => signal.kind === "requests");

    frozen.child.kill("SIGSTOP");
    const stoppedAt = Date.now();
    const asked = await askFor(10_000, 5);
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200));
    // Later ones are answered at once, but for the few that find out whether it is back.
    const late = asked.filter(({ sentAt, tookMs }) => sentAt > 3_000 && tookMs > 500);
    expect(late.length).toBeLessThanOrEqual(4);
    expect(Math.max(...asked.map(({ tookMs }) => tookMs))).toBeLessThan(5_000);
    const ejected = seen().find((signal) => signal.endpoint === "web/0@1" && signal.ejected !== undefined);
    expect(ejected?.ejected?.reason).toBe("stuck");
    expect((ejected?.to ?? Infinity) - stoppedAt).toBeLessThan(4_000);
    expect(seen().some(({ endpoint: id, stuck = 0 }) => id === "web/0@1" && stuck > 0)).toBe(true);
    expect(seen().every(({ endpoint: id, ejected: away }) => id === "web/0@1" || away === undefined)).toBe(true);

    frozen.child.kill("SIGCONT");
    await expect
      .poll(async () => (await askFor(1_000, 40)).filter(({ by }) => by === String(frozen.child.pid)).length, {
        timeout: 30_000,
      })
      .toBeGreaterThan(10);
  },
);
