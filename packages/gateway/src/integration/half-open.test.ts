// An endpoint that every worker has ejected is asked by one request over all of them, and what came of it holds in all of them.
import { Agent } from "node:http";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const WORKERS = 4;
let stage: ModelStage;
beforeAll(async () => {
  stage = await createModelStage(2, { workers: WORKERS });
});
afterAll(async () => {
  agent.destroy();
  await stage.dispose();
});

const bad = () => stage.upstreams[0] as (typeof stage.upstreams)[0];
const atBad = (): number => stage.counts()[0] ?? 0;

const AT_ONCE = 64;
/** So many connections that come at once are shared by the workers, and stay where they are. */
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

async function askMany(count: number): Promise<void> {
  for (let asked = 0; asked < count; asked += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => stage.ask("chat", {}, { agent })));
  }
}

/** One that is held up holds nobody else up. */
async function askFor(ms: number): Promise<void> {
  const until = performance.now() + ms;
  const asking = Array.from({ length: AT_ONCE - 2 * WORKERS }, async () => {
    while (performance.now() < until) await stage.ask("chat", {}, { agent });
  });
  Promise.all(asking).catch(() => undefined);
  await new Promise<void>((resolve) => void setTimeout(resolve, ms));
}

it("half-open is one probe over four workers, and a lost one is not followed at once", async () => {
  await stage.serve({ chat: { backends: [stage.pool([0, 1])] } });
  bad().set({ status: 500, model: undefined });
  const eject = async (): Promise<boolean> => {
    const before = atBad();
    await askMany(6 * AT_ONCE);
    return atBad() - before <= WORKERS;
  };
  for (let round = 0; round < 20 && !(await eject()); round += 1);
  // From now on it takes requests and says nothing.
  bad().set({ fault: { kind: "hang-before-headers" } });
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, bad().counts.open)), 5);
  // Longer than the longest pause.
  await askFor(7_000);
  clearInterval(watch);
  expect(most).toBe(1);
  // It comes back: one good answer, and every worker uses it.
  bad().reset();
  await bad().refuse({ resetsOpen: true });
  await bad().accept();
  const before = atBad();
  await expect
    .poll(
      async () => {
        await askMany(AT_ONCE);
        return atBad() - before;
      },
      { timeout: 20_000, interval: 20 },
    )
    .toBeGreaterThan(2 * AT_ONCE);
});
