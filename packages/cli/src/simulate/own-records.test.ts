// Without a trace, what the app of the folder has served is replayed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LedgerRecord, NO_USAGE, stateLayout } from "@flyball/core";
import { openSqliteLedger } from "@flyball/control";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { prepareStateFolder } from "../app/app-record.ts";
import { cloneOf } from "../app/locate-manifest.ts";
import { runForTest } from "../testing/run-for-test.ts";

function recordOf(index: number, outcome: LedgerRecord["outcome"]): LedgerRecord {
  return {
    id: `call_${index}`,
    requestId: `req_${index}`,
    time: 1_000_000 + index * 500,
    app: "demo",
    key: index % 2 === 0 ? "ann" : "bob",
    tenant: "acme",
    route: "/v1",
    model: "chat",
    backend: "llm",
    provider: "",
    providerModel: "m",
    attempts: [],
    usage: { ...NO_USAGE, input: 100, output: 20 },
    isEstimated: false,
    estimateReason: undefined,
    cost: { usd: 0, cny: 0, isUnknown: false },
    status: 200,
    outcome,
    ttftMs: 50,
    durationMs: 900,
    isResumed: false,
    isHedged: false,
    isCached: false,
  };
}

async function appWith(outcomes: readonly LedgerRecord["outcome"][]) {
  const folder = await createTemporaryFolder();
  const manifestPath = await folder.write("flyball.yaml", "apiVersion: flyball/v1\nname: demo\n");
  const environment = { FLYBALL_STATE: join(folder.path, "state") };
  const clone = cloneOf(manifestPath, { environment, home: "/" });
  const layout = stateLayout(environment.FLYBALL_STATE, "demo", clone);
  prepareStateFolder({ app: "demo", clone, manifestPath, layout, startedAt: 0 });
  const ledger = openSqliteLedger(layout.store, () => "UTC");
  const lines = outcomes.map((outcome, index) => {
    const record = recordOf(index, outcome);
    return { v: 1, type: "settle", at: record.time, reservedAt: record.time, limits: [], record } as const;
  });
  ledger.import({ file: "a.journal", bytes: 1, lines });
  ledger.close();
  const run = (...words: string[]) => runForTest(words, { directory: folder.path, environment });
  return { run, folder };
}

test("replays the calls of the app's ledger with their keys, and leaves out what was not answered", async () => {
  const { run, folder } = await appWith(["answered", "answered", "shed", "answered", "answered"]);
  await using _folder = folder;
  const { exitCode, stdout, stderr } = await run("simulate", "--policy", "flyball,random", "-o", "json");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "left out on purpose: not-answered 1\n" });
  const { trace, cases } = JSON.parse(stdout) as { trace: unknown; cases: readonly unknown[] };
  expect(trace).toMatchObject({ name: "demo", requests: 4, spanMs: 2_000, inputTokens: 100, clients: 2 });
  expect(cases).toHaveLength(2);
});

test("ends with code 2 where the app has served nothing, and takes a file all the same", async () => {
  const { run, folder } = await appWith([]);
  await using _folder = folder;
  const { exitCode, stderr } = await run("simulate");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("the ledger of demo holds no answered model call yet; name a trace");
  writeFileSync(join(folder.path, "t.csv"), "arrival_s,input_tokens,output_tokens\n0,1,1\n1,1,1\n");
  expect((await run("simulate", "t.csv", "--policy", "random")).exitCode).toBe(0);
});
