import { expect, test } from "vitest";
import { judgeReply, readEvaluation, summarise } from "./evaluation.ts";
import type { Verdict } from "./evaluation.ts";

const known = { question: "什么是缓存？", id: "cache" };
const unknown = { question: "Who won?", id: null };

test.each([
  [known, { answerable: true, sourceId: "cache" }, "right"],
  [known, { answerable: true, sourceId: "memory" }, "wrong"],
  [known, { answerable: true, sourceId: null }, "wrong"],
  [known, { answerable: false, sourceId: null }, "unanswered"],
  [unknown, { answerable: true, sourceId: "cache" }, "invented"],
  [unknown, { answerable: false, sourceId: null }, "right"],
  [unknown, null, "failed"],
])("%j with the reply %j is %s", (asked, reply, outcome) => {
  expect(judgeReply(asked, reply).outcome).toBe(outcome);
});

function verdicts(
  language: "zh" | "en",
  isKnown: boolean,
  outcomes: Partial<Record<Verdict["outcome"], number>>,
): Verdict[] {
  return Object.entries(outcomes).flatMap(([outcome, count]) =>
    Array.from({ length: count }, () => ({
      language,
      isKnown,
      outcome: outcome as Verdict["outcome"],
      detail: "",
    })),
  );
}

test("each language must reach both bars by itself", () => {
  const good = [...verdicts("zh", true, { right: 9, wrong: 1 }), ...verdicts("zh", false, { right: 19, invented: 1 })];
  expect(summarise(good)).toMatchObject({
    passed: true,
    text: expect.stringContaining("right 90.0 %"),
  });
  expect(summarise([...good, ...verdicts("en", true, { right: 8, unanswered: 2 })]).passed).toBe(false);
  expect(summarise([...good, ...verdicts("en", false, { right: 18, invented: 2 })]).passed).toBe(false);
  expect(summarise([...good, ...verdicts("en", false, { failed: 1 })]).passed).toBe(false);
  expect(summarise([]).passed).toBe(false);
});

test("an evaluation file with an entry that is not complete is refused", () => {
  const text = JSON.stringify({ answerable: [known], unknown: [{ question: "Who won?" }] });
  expect(readEvaluation(text)).toEqual([known, unknown]);
  expect(() => readEvaluation(JSON.stringify({ answerable: [{ question: "x" }], unknown: [] }))).toThrow(
    "not complete",
  );
  expect(() => readEvaluation("[]")).toThrow("must be lists");
});
