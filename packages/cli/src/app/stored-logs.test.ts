import { createTemporaryFolder } from "@flyball/fakes";
import { formatLogLine } from "@flyball/wire";
import { expect, test } from "vitest";
import { readStoredLogs, servicesWithLogs } from "./stored-logs.ts";

const lines = (...entries: readonly (readonly [number, string])[]): string =>
  entries.map(([at, text]) => formatLogLine(at, "o", text)).join("");

test("lines of all instances come in the order of their times, the last ones of each", async () => {
  await using folder = await createTemporaryFolder();
  await folder.write("api/0.log", lines([3, "a3"], [5, "a5"]));
  await folder.write("api/0.log.1", lines([1, "a1"], [2, "a2"]));
  await folder.write("api/0.log.2", lines([0, "a0"]));
  await folder.write("db/0.log", `${lines([4, "d4"])}half a li`);
  await folder.write("@control/0.log", lines([4, "own"]));
  await folder.write("api@run_1/0.log", lines([4, "one-off"]));
  const texts = (query: object): readonly string[] =>
    readStoredLogs(folder.path, { tail: 3, ...query }).map(({ text }) => text);
  expect(texts({})).toEqual(["a2", "a3", "d4", "a5"]);
  expect(texts({ service: "api", tail: 100 })).toEqual(["a0", "a1", "a2", "a3", "a5"]);
  expect(texts({ service: "api", instance: "api/1" })).toEqual([]);
  expect(texts({ tail: 0 })).toEqual([]);
  expect(texts({ service: "@control" })).toEqual(["own"]);
  expect(servicesWithLogs(folder.path)).toEqual(["api", "db"]);
});
