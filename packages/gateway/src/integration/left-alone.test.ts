// Pain 14 of the reference list: who gets no requests, why and until when, is there to be read while it lasts, and only then.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { LeftAlone } from "../admin/left-alone.ts";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import { send } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: ModelStage;
beforeAll(async () => {
  stage = await createModelStage(3, { workers: 2 });
});
afterAll(() => stage.dispose());

async function leftAlone(): Promise<readonly LeftAlone[]> {
  const page = (await send({ port: stage.rig.port("admin"), path: "/endpoints" })).json() as {
    readonly leftAlone: readonly LeftAlone[];
  };
  return page.leftAlone;
}

describe("pain 14: what is left alone", () => {
  it("is told with why and for how long, of providers and of instances, and is forgotten when it is back", async () => {
    await stage.serve({
      paid: { backends: [stage.provider(0), stage.provider(2)] },
      chat: { backends: [stage.pool([1, 2])] },
    });
    const [broke, gone] = stage.upstreams;
    broke?.set({ status: 402, body: '{"error":{"message":"insufficient balance"}}', model: undefined });
    await gone?.refuse({ resetsOpen: true });
    expect(await leftAlone()).toEqual([]);
    expect((await stage.ask("paid")).status).toBe(200);
    for (let call = 0; call < 8; call += 1) expect((await stage.ask("chat")).status).toBe(200);
    await expect.poll(async () => (await leftAlone()).find(({ why }) => why === "ejected")?.reason).toBe("refused");
    const seen = await leftAlone();
    const rest = seen.find(({ endpoint }) => endpoint.startsWith("provider:b0."));
    expect(rest).toMatchObject({ why: "rest" });
    expect(rest?.forMs).toBeGreaterThan(9 * 60_000);
    const ejected = seen.find(({ endpoint }) => endpoint.startsWith("pool-12"));
    expect(ejected?.forMs).toBeLessThanOrEqual(5_000);
    expect(seen).toHaveLength(2);
    await gone?.accept();
    await expect
      .poll(async () => (await stage.ask("chat"), (await leftAlone()).map(({ why }) => why)), { timeout: 15_000 })
      .toEqual(["rest"]);
  });
});
