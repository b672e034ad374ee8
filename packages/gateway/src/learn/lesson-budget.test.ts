import { createFakeClock } from "@flyball/fakes";
import { expect, it } from "vitest";
import { createLessonBudget, LESSONS_A_TURN, TURN_MS } from "./lesson-budget.ts";

it("learns from every answer while few come, and from so many a turn when more come", async () => {
  const clock = createFakeClock();
  const mayLearn = createLessonBudget(clock);
  for (let turn = 0; turn < 5; turn += 1) {
    for (let answer = 0; answer < 3; answer += 1) expect(mayLearn()).toBe(true);
    await clock.advance(TURN_MS);
  }
  for (let turn = 0; turn < 5; turn += 1) {
    const learned = Array.from({ length: 1_000 }, () => mayLearn()).filter(Boolean);
    expect(learned).toHaveLength(LESSONS_A_TURN);
    await clock.advance(TURN_MS);
  }
});
