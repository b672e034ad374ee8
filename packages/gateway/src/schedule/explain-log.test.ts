import { expect, it } from "vitest";
import { createExplainLog } from "./explain-log.ts";
import type { Explanation } from "./explanation.ts";

const explanationOf = (requestId: string, pool = "llm"): Explanation => ({ requestId, pool }) as Explanation;

it("finds the last request with an id that a client uses again", () => {
  const log = createExplainLog();
  log.add(explanationOf("again", "first"));
  log.add(explanationOf("other"));
  log.add(explanationOf("again", "second"));
  expect(log.find("again")?.pool).toBe("second");
  expect(log.find("nobody's")).toBeUndefined();
});

it("forgets the oldest, and goes by age over the end of its ring", () => {
  const log = createExplainLog();
  for (let count = 0; count < 1_999; count += 1) log.add(explanationOf(`r${count}`));
  log.add(explanationOf("again", "first"));
  log.add(explanationOf("again", "second"));
  expect(log.find("r0")).toBeUndefined();
  expect(log.find("r1")).toBeDefined();
  expect(log.find("again")?.pool).toBe("second");
});
