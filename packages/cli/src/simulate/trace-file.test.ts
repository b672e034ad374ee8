import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { NO_USAGE } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { createTranslate } from "../messages/translate.ts";
import { en } from "../messages/en.ts";
import { zh } from "../messages/zh.ts";
import { openTrace } from "./trace-file.ts";
import { sayReason, traceNotes } from "./trace-notes.ts";

const AZURE =
  "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n";
const SERVEGEN =
  "arrival_s,client_id,input_tokens,output_tokens,client_prev6h_mean_output\n0.004,37,125,251,603.2\n1.004,18,16,938,1057\n";
const MOONCAKE =
  '{"timestamp": 0, "input_length": 1100, "output_length": 3, "hash_ids": [0, 1, 2]}\n{"timestamp": 5, "input_length": 600, "output_length": 3, "hash_ids": [0, 7]}\n';
const RECORD = (time: number): string =>
  JSON.stringify({
    time,
    key: "k",
    tenant: "t",
    route: "",
    model: "chat",
    outcome: "answered",
    isCached: false,
    usage: { ...NO_USAGE, input: 10, output: 20 },
  });

test.each([
  ["azure", AZURE, 0],
  ["servegen", SERVEGEN, 0],
  ["mooncake", MOONCAKE, 512],
  ["records", `${RECORD(1_000)}\n${RECORD(2_000)}\n`, 0],
])("knows %s by its first line, packed or not, whatever the file is called", async (_name, text, blockTokens) => {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "plain.txt"), text);
  writeFileSync(join(folder.path, "packed"), gzipSync(`\ufeff${text}`));
  for (const name of ["plain.txt", "packed"]) {
    const trace = await openTrace(name, folder.path);
    expect(trace).toMatchObject({ name, problems: [], blockTokens });
    expect(trace.requests).toHaveLength(2);
  }
});

test("names bad rows by the file and line that a person can open, in a folder of journals too", async () => {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "t.csv"), `${AZURE}2023-11-16 18:15:51,x,3\n`);
  expect((await openTrace("t.csv", folder.path)).problems).toEqual([
    {
      file: "t.csv",
      line: 4,
      field: "ContextTokens",
      seen: "x",
      reason: "the input tokens are not a whole number from 0",
    },
  ]);
  mkdirSync(join(folder.path, "journals"));
  writeFileSync(join(folder.path, "journals", "a.journal"), `${RECORD(5_000)}\nbroken\n${RECORD(7_000).slice(0, 30)}`);
  writeFileSync(join(folder.path, "journals", "b.journal"), `${RECORD(1_000)}\n\nalso broken\n`);
  writeFileSync(join(folder.path, "journals", "confirmed.json"), "{}");
  const trace = await openTrace("journals", folder.path);
  expect(trace.requests.map(({ arrivedAt }) => arrivedAt)).toEqual([0, 4_000]);
  expect(trace.problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
    "journals/a.journal:2",
    "journals/b.journal:3",
  ]);
});

test("says what cannot be opened", async () => {
  await using folder = await createTemporaryFolder();
  mkdirSync(join(folder.path, "empty"));
  writeFileSync(join(folder.path, "torn.gz"), gzipSync(AZURE).subarray(0, 30));
  await expect(openTrace("nothing.csv", folder.path)).rejects.toThrow("there is no trace nothing.csv");
  await expect(openTrace("empty", folder.path)).rejects.toThrow("holds no .journal file");
  await expect(openTrace("torn.gz", folder.path)).rejects.toThrow(
    "the trace torn.gz cannot be read: unexpected end of file",
  );
});

test("every reason of the loaders is known to both languages", async () => {
  await using folder = await createTemporaryFolder();
  const bad = {
    "header.csv": "a,b\n1,2\n",
    "column.csv": "TIMESTAMP,ContextTokens,Generated\n",
    "empty.csv": "",
    "rows.csv": "arrival_s,client_id,input_tokens,output_tokens\nx,1,5,5\n1,1,-5,5\n1,1,5,x\n1,1\n",
    "mooncake.jsonl": `${MOONCAKE}{\n3\n{"timestamp":0,"input_length":2000,"output_length":3,"hash_ids":[1]}\n{"timestamp":0,"input_length":20,"output_length":3,"hash_ids":["a"]}\n{"timestamp":0,"input_length":20}\n`,
    "records.jsonl": '{"time":1}\n{\nx\n',
  };
  const [english, chinese] = [createTranslate(en), createTranslate(zh)];
  const reasons = new Set<string>();
  for (const [name, text] of Object.entries(bad)) {
    writeFileSync(join(folder.path, name), text);
    for (const { reason } of (await openTrace(name, folder.path)).problems) reasons.add(reason);
  }
  expect(reasons.size).toBe(14);
  for (const reason of reasons) {
    expect(sayReason(reason, english)).toBe(reason);
    expect(sayReason(reason, chinese)).toMatch(/[\u4e00-\u9fff]/);
  }
});

test("shows the first bad rows, how many there are, and what was left out on purpose", async () => {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "t.csv"), `${SERVEGEN}${"2,1,x,5,0\n".repeat(9)}3,1,0,5,0\n`);
  expect(traceNotes(await openTrace("t.csv", folder.path), createTranslate(en))).toEqual([
    ...[4, 5, 6, 7, 8].map(
      (line) => `! t.csv:${line}: input_tokens: the input tokens are not a whole number from 0, seen x`,
    ),
    "left out on purpose: zero-input-tokens 1",
  ]);
});
