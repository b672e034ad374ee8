// Budgets over a restart on another machine: a gateway without journals begins with what control knows to be spent, and a stored snapshot
// that knows less is put right by the link.
import { NO_LIMITS, type BackendSnapshot, type KnownSpending, type Snapshot } from "@flyball/core";
import { calendarPeriod } from "@flyball/traffic";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { key, model, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const LIMIT = 1_000_000;
const TIME_ZONE = "Asia/Shanghai";
const LIMIT_ID = "key:key-k usd/month";

let provider: FakeUpstream;
let rig: Rig;

beforeEach(async () => {
  provider = await createFakeUpstream();
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "s" }, workers: 2 });
});
afterEach(async () => {
  await rig.dispose();
  await provider.dispose();
});

function spending(spent: number, monthsAgo = 0): KnownSpending {
  let { start } = calendarPeriod("month", TIME_ZONE, Date.now());
  for (let month = 0; month < monthsAgo; month += 1) start = calendarPeriod("month", TIME_ZONE, start - 1).start;
  return { limitId: LIMIT_ID, spent, periodStart: start };
}

/** A key with a dollar a month; as in control, what is spent is no part of the hash. */
function served(spent?: KnownSpending): Snapshot {
  const backend: BackendSnapshot = {
    kind: "provider",
    id: "chat/0",
    provider: "openai",
    baseUrl: `${provider.url}/v1`,
    model: "gpt-5-mini",
  };
  const budgets = [{ currency: "usd", microUnits: LIMIT, per: "month" }] as const;
  const made = snapshot(1, {
    listeners: ["models"],
    models: [{ ...model("chat", []), backends: [backend] }],
    keys: [{ ...key("k", "s", ["chat"]), limits: { ...NO_LIMITS, budgets } }],
    timeZone: TIME_ZONE,
  });
  return spent === undefined ? made : { ...made, spent: [spent] };
}

function ask(): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer k", "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", max_tokens: 10, messages: [{ role: "user", content: "count" }] }),
  });
}

async function start(stored: Snapshot): Promise<void> {
  rig.send(stored);
  await rig.start().ready;
}

async function expectSpent(): Promise<void> {
  await vi.waitFor(async () => {
    const reply = await ask();
    expect([reply.status, reply.json().error?.code]).toEqual([429, "FB_GATEWAY_BUDGET"]);
  });
}

describe("a gateway without journals", () => {
  it("begins with what control knows to be spent in the period that runs", async () => {
    await start(served(spending(LIMIT)));
    await expectSpent();
    expect(provider.counts.requests).toBe(0);
  });

  it("counts nothing of a period that is past", async () => {
    await start(served(spending(LIMIT, 1)));
    expect((await ask()).status).toBe(200);
  });

  it("learns from the link that more is spent than its stored snapshot says, and less changes nothing", async () => {
    await rig.stopControl();
    await rig.writeSnapshotFile(served(spending(5)));
    await rig.start().ready;
    expect((await ask()).status).toBe(200);
    rig.send(served(spending(LIMIT)));
    await rig.startControl();
    await expectSpent();
    rig.send(served(spending(3)));
    rig.send(served());
    await expect(ask()).resolves.toMatchObject({ status: 429 });
  });
});
