// Defects 5 and 6 of the reference: the usage of streams recorded as zero, cached tokens counted twice or not at all.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { LedgerRecord } from "@flyball/core";
import { settledRecords } from "../../testdata/settled-records.ts";
import { eventsOf, NAMED_PAIRS } from "./testdata/client-faces.ts";
import { createDialectStage, FIRST_SCRIPT, FIRST_TEXT, type DialectStage } from "./testdata/dialect-stage.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 });

let stage: DialectStage;
beforeAll(async () => {
  stage = await createDialectStage();
});
afterAll(() => stage?.dispose());
beforeEach(() => stage.fresh());

async function recordOf(id: string): Promise<LedgerRecord> {
  return vi.waitFor(async () => {
    const found = (await settledRecords(stage.rig.journalFolder)).find(({ requestId }) => requestId === id);
    if (!found) throw new Error("it is not settled yet");
    return found;
  });
}

const total = ({ usage }: LedgerRecord): number =>
  usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h + usage.output;

describe.each(NAMED_PAIRS)("3.5 a stream whose client did not ask for usage, %s", (name, pair) => {
  it("stands in the ledger with the provider's usage, and its client sees nothing more", async () => {
    const id = `asked-${name.replaceAll(" ", "-")}`;
    const reply = await stage.ask(pair, { headers: { "x-request-id": id } });
    expect(pair.face.said(reply.text)).toBe(FIRST_TEXT);
    if (pair.face.name === "chat" || pair.face.name === "completions") {
      expect(eventsOf(reply.text).every(({ choices, usage }) => choices.length > 0 && usage === undefined)).toBe(true);
    }
    const record = await recordOf(id);
    expect(record).toMatchObject({ isEstimated: false, usage: { input: 7, output: 60 } });
  });

  it("is estimated, and marked so, where the provider says nothing", async () => {
    stage.first.set({ model: { ...FIRST_SCRIPT, usage: undefined } });
    const id = `guessed-${name.replaceAll(" ", "-")}`;
    await stage.ask(pair, { headers: { "x-request-id": id } });
    const record = await recordOf(id);
    expect(record).toMatchObject({ isEstimated: true, estimateReason: "not-reported" });
    expect(record.usage.output).toBeGreaterThan(20);
    expect(record.usage.input).toBeGreaterThan(0);
  });
});

describe.each(NAMED_PAIRS)("3.6 cached tokens, %s", (name, pair) => {
  it.each([true, false])("are counted once, in the provider's own sense (streamed: %s)", async (isStream) => {
    stage.first.set({ model: { ...FIRST_SCRIPT, usage: { input: 1_000, cached: 600, output: 60, reasoning: 0 } } });
    const id = `cached-${isStream}-${name.replaceAll(" ", "-")}`;
    await stage.ask(pair, { isStream, headers: { "x-request-id": id } });
    const record = await recordOf(id);
    // OpenAI reports 1000 of which 600 were cached, Anthropic 400 and 600 beside them.
    expect(record.usage).toMatchObject({ input: 400, cacheRead: 600, output: 60 });
    expect(total(record)).toBe(1_060);
  });
});
