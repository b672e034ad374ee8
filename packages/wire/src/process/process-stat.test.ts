import { describe, expect, it } from "vitest";
import {
  isProcessAlive,
  parseProcessStat,
  readProcessIdentity,
  readProcessStat,
  readProcessTag,
} from "./process-stat.ts";
import { checkTag, findTaggedProcesses, matchesTag } from "./tagged-processes.ts";

describe("a line of /proc/<pid>/stat", () => {
  it("is read whatever the program is called", () => {
    const fields = "S 10 20 30 0 -1 4194560 1 2 3 4 100 50 0 0 20 0 11 0 987654 12345678 2048 18446744073709551615";
    const expected = {
      pid: 42,
      state: "S",
      parentPid: 10,
      session: 30,
      cpuTicks: 150,
      startTicks: 987_654,
      rssPages: 2_048,
    };
    for (const name of ["node", "a b", ") S 1 2", "((x))", ""])
      expect(parseProcessStat(`42 (${name}) ${fields}`)).toEqual(expected);
  });

  it("that is cut or empty is nothing", () => {
    expect(parseProcessStat("")).toBeUndefined();
    expect(parseProcessStat("42 (node) S 1 2")).toBeUndefined();
  });
});

describe("a process", () => {
  it("is known by its figures and its identity", () => {
    expect(readProcessStat(process.pid)).toMatchObject({ pid: process.pid, parentPid: process.ppid });
    expect(isProcessAlive(readProcessIdentity(process.pid))).toBe(true);
  });

  it("that is gone is unknown", () => {
    expect(readProcessStat(2 ** 30)).toBeUndefined();
    expect(readProcessTag(2 ** 30)).toBeUndefined();
    expect(isProcessAlive({ pid: 2 ** 30, startTicks: 1, bootId: "" })).toBe(false);
  });
});

describe("a tag", () => {
  it("fits itself, or what is below it when it ends in /", () => {
    expect(matchesTag("qa.1/a/0", "qa.1/a/0")).toBe(true);
    expect(matchesTag("qa.1/a/0", "qa.1/a/01")).toBe(false);
    expect(matchesTag("qa.1/", "qa.1/a/0")).toBe(true);
    expect(matchesTag("qa.1/", "qa.12/a/0")).toBe(false);
    expect(matchesTag("", "qa.1/a/0")).toBe(false);
  });

  it("of another app is refused", () => {
    expect(checkTag("qa.1/", "qa.1/a/0")).toBe("qa.1/a/0");
    expect(() => checkTag("qa.1/", "qa.12/a/0")).toThrow(/is not below/);
  });

  it("that nothing carries finds nothing, not even the process that looks", async () => {
    expect(await findTaggedProcesses({ tag: "no.app/" })).toEqual([]);
    expect(await findTaggedProcesses({ tag: "no.app/", roots: [readProcessIdentity(2 ** 30)] })).toEqual([]);
  });
});
