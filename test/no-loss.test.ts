// What was acknowledged is kept: examples/qa stores answers while its database, its services, the gateway, control and the keeper are killed −9.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readJournalLine } from "@flyball/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAnswerWriting, type AnswerWriting } from "./support/acknowledged-answers.ts";
import { appProcesses, everythingOf, killHard, knownProcess } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { startOpenLoop, type OpenLoop } from "./support/open-loop.ts";
import { qaManifest } from "./support/qa-manifest.ts";
import { unknownQuestions } from "./support/qa-questions.ts";
import { sendRequest, type Reply } from "./support/send-request.ts";

const PORT = "5650";
const ROUNDS = process.env["FLYBALL_TEST_LONG"] === "1" ? 6 : 1;
const WRITES_PER_SECOND = 12;
const QUESTIONS_PER_SECOND = 6;
const HEADERS = { "content-type": "application/x-www-form-urlencoded" };

describe("examples/qa, killed everywhere while it stores answers", () => {
  let rig: AppRig;
  let writing: AnswerWriting;
  let questions: OpenLoop<Reply>;
  let databaseUrl: string;

  beforeAll(async () => {
    // All candidates are kept and served, so that each can be asked for.
    const manifest = qaManifest().replace(
      /# (environment: \{ QA_SERVE_CANDIDATES: "true") \}/,
      '$1, QA_MAX_CANDIDATES: "100000" }',
    );
    expect(manifest).toContain('    environment: { QA_SERVE_CANDIDATES: "true", QA_MAX');
    rig = await createAppRig({ manifest, environment: { FLYBALL_GOOD_WINDOW_MS: "500" } });
    await rig.up("--port", PORT);
    databaseUrl = await rig.url("database");
    writing = startAnswerWriting(async () => databaseUrl, WRITES_PER_SECOND);
    const all = unknownQuestions();
    questions = startOpenLoop({
      perSecond: QUESTIONS_PER_SECOND,
      send: (index) => ask(all[index % all.length] ?? ""),
    });
    await untilItGoesOn();
  });
  afterAll(async () => {
    await Promise.all([writing?.stop(), questions?.stop()]);
    await rig?.dispose();
  });

  function ask(question: string): Promise<Reply> {
    const body = new URLSearchParams({ question }).toString();
    return sendRequest({
      url: `http://127.0.0.1:${PORT}/ask`,
      method: "POST",
      headers: HEADERS,
      body,
      limitMs: 10_000,
    });
  }

  async function untilItGoesOn(): Promise<void> {
    const before = writing.acknowledged.length;
    await rig.until("answers are stored again", () => writing.acknowledged.length >= before + 20, 60_000);
  }

  /** Each acknowledged answer as a client reads it. */
  async function expectEverythingReadable(): Promise<void> {
    for (const { question, answer, isApproved } of writing.acknowledged.slice()) {
      let found: unknown;
      const url = `${databaseUrl}/answers?${new URLSearchParams({ question }).toString()}`;
      await rig.until(`${question} is answered`, async () => {
        const reply = await sendRequest({ url, method: "GET", limitMs: 5_000 });
        if (reply.status === 200) found = JSON.parse(reply.body);
        return reply.status === 200;
      });
      expect(found).toMatchObject({ found: true, question, answer, state: isApproved ? "approved" : "candidate" });
    }
  }

  const kills: readonly (readonly [string, () => Promise<void>])[] = [
    ["the database", () => killInstance("database")],
    ["a questions service", () => killInstance("question")],
    ["the gateway", async () => void (await killHard((await appProcesses(rig.stateFolder())).gateway))],
    ["control", async () => void (await killHard((await appProcesses(rig.stateFolder())).control))],
    [
      "database, gateway and control at once",
      async () => {
        const { gateway, control } = await appProcesses(rig.stateFolder());
        const pid = (await rig.instances("database"))[0]?.pid ?? 0;
        await killHard(knownProcess(pid), gateway, control);
      },
    ],
    [
      "the keeper, with everything",
      async () => {
        await killHard((await appProcesses(rig.stateFolder())).keeper);
        await rig.until("all have ended", async () => (await everythingOf(rig.stateFolder())).length === 0, 30_000);
        await rig.up("--port", PORT);
        databaseUrl = await rig.url("database");
      },
    ],
  ];

  async function killInstance(service: string): Promise<void> {
    await rig.until(`${service} runs`, async () => (await rig.instances(service))[0]?.pid != null);
    const pid = (await rig.instances(service))[0]?.pid ?? 0;
    await killHard(knownProcess(pid));
  }

  it.each(kills)(
    "has every acknowledged answer after a kill of %s",
    async (_what, kill) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await kill();
        await untilItGoesOn();
      }
      await expectEverythingReadable();
    },
    ROUNDS * 120_000,
  );

  it("has each of them once on the disk, and each call of the model once in the ledger", async () => {
    await Promise.all([writing.stop(), questions.stop()]);
    await expectEverythingReadable();
    const reserved = new Set(journalIds(join(rig.stateFolder(), "journal")));
    await rig.flyball("down");
    const state = rig.stateFolder();
    const answers = readRows(join(state, "volumes", "qa", "qa.sqlite"), "SELECT question FROM answers");
    const counts = Map.groupBy(answers, ({ question }) => String(question));
    for (const { question } of writing.acknowledged) expect(counts.get(question)).toHaveLength(1);
    await rig.up("--port", PORT);
    const ledger = (): readonly string[] =>
      readRows(join(state, "store.db"), "SELECT id FROM ledger").map(({ id }) => String(id));
    await rig.until("every call is in the ledger", () => {
      const known = new Set(ledger());
      return [...reserved].every((id) => known.has(id));
    });
    const [sums] = readRows(join(state, "store.db"), "SELECT sum(calls) AS calls FROM ledger_days");
    expect(sums?.["calls"]).toBe(ledger().length);
    console.info(
      `${writing.acknowledged.length} answers acknowledged, ${ledger().length} calls in the ledger;`,
      `attempts that were not: ${JSON.stringify(Object.fromEntries(writing.failures))}`,
    );
    expect(ledger().length).toBeGreaterThan(10);
  }, 120_000);
});

/** Every call that a gateway has reserved or settled, in the journals that are still there. */
function journalIds(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".journal"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .flatMap((row) => {
      const line = readJournalLine(row);
      if (line?.type === "reserve") return line.id;
      return line?.type === "settle" ? line.record.id : [];
    });
}

function readRows(path: string, sql: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 2_000 });
  try {
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}
