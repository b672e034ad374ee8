// Prices of a manifest reach the ledger: a model that the table does not know has a cost and may have a budget once it has a price.
import { readdir, readFile } from "node:fs/promises";
import {
  JOURNAL_SUFFIX,
  NO_LIMITS,
  readJournalLine,
  type BackendSnapshot,
  type LedgerRecord,
  type ModelPrice,
} from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream } from "@flyball/fakes";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { key, model, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let provider: FakeUpstream;
let rig: Rig;

beforeAll(async () => {
  provider = await createFakeUpstream({ behaviour: { model: DEFAULT_MODEL } });
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "s" } });
  rig.send(served(1));
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await provider.dispose();
});

/** A model that no table knows, asked for with a key that has a budget in dollars. */
function served(version: number, prices?: readonly ModelPrice[]) {
  const backend: BackendSnapshot = {
    kind: "provider",
    id: "chat/0",
    provider: "acme",
    baseUrl: `${provider.url}/v1`,
    model: "large-1",
  };
  const budgets = [{ currency: "usd", microUnits: 1_000_000, per: "day" }] as const;
  return snapshot(version, {
    listeners: ["models"],
    models: [{ ...model("chat", []), backends: [backend] }],
    keys: [{ ...key("k", "s", ["chat"]), limits: { ...NO_LIMITS, budgets } }],
    ...(prices === undefined ? {} : { prices }),
  });
}

function price(id: string, input: number, output: number): ModelPrice {
  const writes = { cacheWrite5m: input, cacheWrite1h: input, imageInput: input };
  const rates = { input, cacheRead: input, ...writes, output, reasoning: output };
  return { id, provider: "acme", model: "large-*", currency: "usd", validFrom: 0, rates, longPrompt: [] };
}

function ask(): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer k", "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", max_tokens: 10, messages: [{ role: "user", content: "count" }] }),
  });
}

async function settled(): Promise<readonly LedgerRecord[]> {
  const names = (await readdir(rig.journalFolder)).filter((name) => name.endsWith(JOURNAL_SUFFIX));
  const texts = await Promise.all(names.map((name) => readFile(`${rig.journalFolder}/${name}`, "utf8")));
  const lines = texts.flatMap((text) => text.split("\n").flatMap((line) => readJournalLine(line) ?? []));
  return lines.flatMap((line) => (line.type === "settle" ? [line.record] : []));
}

describe("prices of a manifest", () => {
  it("are what a budget needs where the table knows none", async () => {
    const reply = await ask();
    expect(reply.status).toBe(429);
    expect(reply.json()).toMatchObject({ error: { code: "FB_GATEWAY_BUDGET_UNKNOWN_PRICE" } });
    expect(provider.counts.requests).toBe(0);
  });

  it("are what a call costs from the next snapshot on, rounded up once, and the record names them", async () => {
    expect(await rig.publish(served(2, [price("manifest/acme/large-*#1", 300_000, 1_500_000)]))).toBe("applied");
    expect((await ask()).status).toBe(200);
    expect(await rig.publish(served(3, [price("manifest/acme/large-*#2", 1_000_000, 2_000_000)]))).toBe("applied");
    expect((await ask()).status).toBe(200);
    await vi.waitFor(async () => expect(await settled()).toHaveLength(2));
    const records = (await settled()).toSorted((a, b) => a.time - b.time);
    // 7 tokens in, 3 out: 2.1 + 4.5 micro-dollars, then 7 + 6.
    expect(records.map(({ cost, attempts }) => [cost, attempts[0]?.priceId])).toEqual([
      [{ usd: 7, cny: 0, isUnknown: false }, "manifest/acme/large-*#1"],
      [{ usd: 13, cny: 0, isUnknown: false }, "manifest/acme/large-*#2"],
    ]);
  });

  it("hold by the hour: at the hours that the manifest names a call costs its other amounts, at all others not", async () => {
    const plain = price("manifest/acme/large-*#3", 1_000_000, 2_000_000);
    const { rates } = price("", 10_000_000, 20_000_000);
    const minute = new Date().getUTCHours() * 60;
    // Two hours around now, and the two on the other side of the day.
    const around = (from: number) =>
      [0, 60].map((more) => [(from + more) % 1_440, ((from + more) % 1_440) + 60] as const);
    for (const [version, minutesUtc] of [
      [4, around(minute)],
      [5, around(minute + 720)],
    ] as const) {
      expect(
        await rig.publish(served(version, [{ ...plain, peak: { minutesUtc, isWeekdaysOnly: false, rates } }])),
      ).toBe("applied");
      expect((await ask()).status).toBe(200);
    }
    await vi.waitFor(async () => expect(await settled()).toHaveLength(4));
    const records = (await settled()).toSorted((a, b) => a.time - b.time);
    expect(records.slice(2).map(({ cost }) => cost.usd)).toEqual([130, 13]);
  });
});
