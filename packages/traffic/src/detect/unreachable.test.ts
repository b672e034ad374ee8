import { describe, expect, it } from "vitest";
import { findUnreachable, type Contact } from "./unreachable.ts";

describe("a machine out of reach", () => {
  const silent = (instance: string, machine: string, lastAnswerAt: number): Contact => {
    return { instance, machine, lastAnswerAt, lastSilenceAt: lastAnswerAt + 500 };
  };
  const heard = (instance: string, machine: string, lastAnswerAt: number): Contact => ({
    instance,
    machine,
    lastAnswerAt,
  });

  it("is found when all that is on it fell silent together and another machine answers", () => {
    const contacts = [silent("a", "m1", 10_000), silent("b", "m1", 10_400), heard("c", "m2", 13_000)];
    expect(findUnreachable(contacts, 13_100)).toMatchObject([
      { class: "unreachable", subject: "m1", began: { lastGood: 10_400 }, facts: { instances: 2 } },
    ]);
  });

  it.each<[string, readonly Contact[]]>([
    ["one of its instances answers", [silent("a", "m1", 10_000), heard("b", "m1", 13_000), heard("c", "m2", 13_000)]],
    ["it has one instance alone", [silent("a", "m1", 10_000), heard("c", "m2", 13_000)]],
    ["nothing answers anywhere", [silent("a", "m1", 10_000), silent("b", "m1", 10_000), silent("c", "m2", 10_000)]],
    ["they fell silent apart", [silent("a", "m1", 1_000), silent("b", "m1", 10_000), heard("c", "m2", 13_000)]],
    ["it is short", [silent("a", "m1", 12_000), silent("b", "m1", 12_000), heard("c", "m2", 13_000)]],
  ])("is none when %s", (_what, contacts) => {
    expect(findUnreachable(contacts, 13_100)).toEqual([]);
  });
});
