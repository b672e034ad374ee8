import { createTemporaryFolder } from "@flyball/fakes";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readLearned, writeLearned } from "./learned-file.ts";

const LEARNED = {
  workers: [{ predictor: { a: 1 }, scales: {} }],
  endpoints: [{ endpoint: "llm/0@1", rates: { prefillMs: 0.1, decodeMs: 0.4, contextMs: 0 } }],
};

it("gives back what was written, in a folder that may not be there yet", async () => {
  await using folder = await createTemporaryFolder();
  const path = join(folder.path, "journal", "learned.json");
  await writeLearned(path, LEARNED);
  expect(readLearned(path)).toEqual({ kind: "read", learned: LEARNED });
  expect(await readdir(join(folder.path, "journal"))).toEqual(["learned.json"]);
});

it("is absent where there is none", async () => {
  await using folder = await createTemporaryFolder();
  expect(readLearned(join(folder.path, "learned.json"))).toEqual({ kind: "absent" });
});

it.each([
  ["", /SyntaxError/],
  ['{"format":"flyball/learned/v1","workers":[', /SyntaxError/],
  ["[]", /its format/],
  ["null", /no object/],
  ['{"format":"somebody/else"}', /its format is "somebody\/else"/],
  ['{"format":"flyball/learned/v1","workers":{}}', /a part is missing/],
])("says why it cannot be read: %s", async (text, reason) => {
  await using folder = await createTemporaryFolder();
  const path = join(folder.path, "learned.json");
  await writeFile(path, text);
  expect(readLearned(path)).toEqual({ kind: "refused", reason: expect.stringMatching(reason) as string });
});

it("passes over parts that are no objects", async () => {
  await using folder = await createTemporaryFolder();
  const path = join(folder.path, "learned.json");
  await writeFile(path, '{"format":"flyball/learned/v1","workers":[7,{"predictor":1}],"endpoints":[null]}');
  expect(readLearned(path)).toEqual({ kind: "read", learned: { workers: [{ predictor: 1 }], endpoints: [] } });
});
